import type { HastPluginEntry } from 'satteri';

/** Puts the site's base in front of links and images that begin at the root, so that a fork under `/fork/` works unchanged. */
export function baseLinks(base: string): HastPluginEntry {
  const prefix = base.replace(/\/$/, '');
  const rooted = (value: unknown): value is string => typeof value === 'string' && /^\/(?!\/)/.test(value);
  return {
    name: 'netdive-base-links',
    element: {
      filter: ['a', 'img'],
      visit(node, context) {
        if (prefix === '') return;
        for (const name of ['href', 'src']) {
          const value = node.properties?.[name];
          if (rooted(value)) context.setProperty(node, name, prefix + value);
        }
      },
    },
  };
}
