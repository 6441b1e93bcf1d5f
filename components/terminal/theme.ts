import type { ITheme } from '@xterm/xterm';

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** The terminal's colours, from the page's custom properties, so that both follow one theme. */
export function currentTheme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--nd-term-${name}`).trim();
  const theme: ITheme = {
    background: read('bg'),
    foreground: read('fg'),
    cursor: read('cursor'),
    cursorAccent: read('bg'),
    selectionBackground: read('selection'),
    scrollbarSliderBackground: read('selection'),
    scrollbarSliderHoverBackground: read('selection'),
    scrollbarSliderActiveBackground: read('cursor'),
  };
  for (const colour of COLOURS) {
    const bright = `bright${colour.charAt(0).toUpperCase()}${colour.slice(1)}` as 'brightRed';
    theme[colour] = read(colour);
    theme[bright] = read(`bright-${colour}`) || read(colour);
  }
  return theme;
}

/** Calls `changed` when the reader switches between light and dark. Returns how to stop. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
