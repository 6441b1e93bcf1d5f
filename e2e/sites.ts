/** The two builds that are tested: `astro build`, and `BASE=/fork/ astro build --outDir dist-fork`. */
export const sites = [
  { name: 'root', folder: 'dist', base: '/', port: 4711 },
  { name: 'fork', folder: 'dist-fork', base: '/fork/', port: 4712 },
] as const;
