/** The first of two ports that the built sites are served at; `E2E_PORT` moves them when they are taken. */
const port = Number(process.env.E2E_PORT ?? 4711);

/** The two builds that are tested: `astro build`, and `BASE=/fork/ astro build --outDir dist-fork`. */
export const sites = [
  { name: 'root', folder: 'dist', base: '/', port },
  { name: 'fork', folder: 'dist-fork', base: '/fork/', port: port + 1 },
] as const;
