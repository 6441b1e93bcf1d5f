import { fileURLToPath } from 'node:url';
import { satteri } from '@astrojs/markdown-satteri';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { baseLinks } from './site/book/base-links.ts';
import { cellsPlugin } from './site/book/cells.ts';
import { readBook, sidebarOf } from './site/book/manifest.ts';
import { contentSecurityPolicy } from './site/csp.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const book = readBook('./content');
const base = process.env.BASE ?? '/';

export default defineConfig({
  site: process.env.SITE ?? book.site,
  base,
  trailingSlash: 'always',
  srcDir: './site',
  publicDir: './site/public',
  // A small style sheet that is inlined is deleted, and the chunk that waits for it fails.
  build: { inlineStylesheets: 'never' },
  devToolbar: { enabled: false },
  vite: {
    worker: { format: 'es' },
    optimizeDeps: { include: ['@xterm/xterm', '@xterm/addon-fit'] },
    // Only what a page uses of the simulation's public entry goes into that page.
    build: { rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/sim/') } } },
  },
  markdown: { processor: satteri({ mdastPlugins: [cellsPlugin(root)], hastPlugins: [baseLinks(base)] }) },
  integrations: [
    starlight({
      title: book.title,
      description: book.description,
      logo: { src: './site/assets/mark.svg', alt: '' },
      favicon: '/favicon.svg',
      customCss: [
        './site/styles/theme.css',
        './site/styles/book.css',
        './site/styles/search.css',
        './components/common.css',
        './components/cell/cell.css',
        './components/exercise/exercise.css',
        './components/terminal/terminal.css',
        './components/topology/topology.css',
        './components/journey/journey.css',
      ],
      components: {
        Head: './site/overrides/Head.astro',
        PageTitle: './site/overrides/PageTitle.astro',
        Search: './site/overrides/Search.astro',
      },
      ...(book.edit ? { editLink: { baseUrl: book.edit } } : {}),
      markdown: { processedDirs: ['./content'] },
      sidebar: sidebarOf(book, './content'),
      disable404Route: false,
    }),
    contentSecurityPolicy(),
  ],
});
