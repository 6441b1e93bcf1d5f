import { hostsOf, worldNames } from './bake.ts';

/** What a page may say about itself. */
const KNOWN: Record<string, string> = {
  title: 'the page’s title',
  description: 'one or two sentences, for search results and links',
  world: 'the world its cells run in',
  hosts: 'the hosts of that world it uses; the first is where cells run that don’t say',
  template: '`splash` for a page without sidebars',
  tableOfContents: '`false` for a page without one',
  editUrl: '`false` for a page without an edit link',
};

/**
 * Checks a page's frontmatter beyond its types: only known keys, an existing world, hosts that it has.
 *
 * @throws Error that names the file, what is wrong and what would be right
 */
export function checkFrontmatter(file: string, data: Record<string, unknown>): void {
  const fail = (problem: string): never => {
    throw new Error(`${file}: ${problem}`);
  };
  for (const key of Object.keys(data)) {
    if (!(key in KNOWN)) fail(`unknown key \`${key}\` in the frontmatter; known are ${Object.keys(KNOWN).join(', ')}`);
  }
  for (const key of ['title', 'description']) {
    if (typeof data[key] !== 'string' || data[key] === '') fail(`the frontmatter needs a \`${key}\`: ${KNOWN[key]}`);
  }
  const { world, hosts } = data;
  if (world === undefined) {
    if (hosts !== undefined) fail('`hosts` needs a `world`');
    return;
  }
  const known = hostsOf(String(world)) ?? fail(`there is no world \`${world}\`; there are ${worldNames().join(', ')}`);
  if (hosts === undefined) return;
  if (!Array.isArray(hosts) || hosts.length === 0) fail('`hosts` is a list of names, as in `hosts: [host1]`');
  for (const host of hosts as unknown[]) {
    if (!known.includes(String(host))) fail(`world \`${world}\` has no host \`${host}\`; it has ${known.join(', ')}`);
  }
}
