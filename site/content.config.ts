import { docsSchema } from '@astrojs/starlight/schema';
import { glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { defineCollection } from 'astro:content';
import { checkFrontmatter } from './book/frontmatter.ts';

const pages = glob({ base: './content', pattern: '**/[^_]*.mdx' });

export const collections = {
  docs: defineCollection({
    loader: {
      ...pages,
      load: (context) =>
        pages.load({
          ...context,
          parseData: (entry) => {
            checkFrontmatter(entry.filePath ?? entry.id, entry.data);
            return context.parseData(entry);
          },
        }),
    },
    schema: docsSchema({ extend: z.object({ world: z.string().optional(), hosts: z.array(z.string()).optional() }) }),
  }),
};
