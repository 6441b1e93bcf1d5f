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

// Only what a page uses of the simulation's public entry goes into that page; so for its worker.
const treeshake = { moduleSideEffects: (id) => !id.includes('/sim/') || id.includes('/sim/worker/worker.ts') };

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
    // What the worker needs in any world is one file; each part of the simulation (sim/base/part.ts) is a file of its own.
    worker: {
      format: 'es',
      rolldownOptions: { treeshake, output: { codeSplitting: { groups: [{ name: 'world', tags: ['$initial'] }] } } },
    },
    optimizeDeps: { include: ['@xterm/xterm', '@xterm/addon-fit'] },
    build: { rolldownOptions: { treeshake } },
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
