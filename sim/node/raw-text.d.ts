/** Vite's way to import a file's text, as tests do with recorded outputs. */
declare module '*?raw' {
  const text: string;
  export default text;
}
