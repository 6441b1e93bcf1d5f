import type { LinkInfo, LinkSpec, NetlinkError } from '../../host/netlink/messages.ts';
import { strerror } from '../../base/errno.ts';
import type { KindData } from './kind-options.ts';
import { findOption } from './kind-options.ts';
import type { Report } from './report.ts';
import { IPIP_OPTIONS } from './stacked-kinds.ts';
import type { Subcommand, Tool } from './tool.ts';
import { TUNNEL_USAGE } from './usage/tunnel.ts';
import { isDeviceName } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(TUNNEL_USAGE, EXIT_MINUS_ONE);

/** `ip tunnel`: IPv4 tunnels the older way (ip/iptunnel.c). Of its modes ipip is modelled. */
export const tunnelCommands: readonly Subcommand[] = [
  { names: ['add'], run: add },
  { names: ['change'], run: change },
  { names: ['delete'], run: remove },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['prl', '6rd'], run: (tool) => tool.refuse(tool.unmodelled('ip tunnel prl and 6rd')) },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

interface Wanted {
  name: string;
  mode: string | undefined;
  data: KindData;
}

/** The first words of a mode decide; their second forms are what `ip tunnel show` prints. */
const MODES: Record<string, string> = {
  ipip: 'ipip',
  'ip/ip': 'ipip',
  gre: 'gre',
  'gre/ip': 'gre',
  sit: 'sit',
  'ipv6/ip': 'sit',
  isatap: 'isatap',
  vti: 'vti',
  any: 'any',
};

const ENDS = ['remote', 'local', 'dev', 'ttl', 'hoplimit', 'hlim', 'tos', 'tclass', 'tc', 'dsfield', 'pmtudisc', 'nopmtudisc'];
const UNMODELLED = /^(\[?[io]?(key|seq|csum)|prl-.*|6rd-.*|ignore-df|noignore-df|allow-localremote|noallow-localremote|fwmark)$/;

function parse(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = { name: '', mode: undefined, data: {} };
  while (!words.empty) {
    const word = words.take();
    if (word === 'mode') {
      const text = words.value();
      if (!Object.hasOwn(MODES, text)) throw new Quit(`Unknown tunnel mode "${text}"\n`, EXIT_MINUS_ONE);
      wanted.mode = MODES[text];
    } else if (ENDS.includes(word)) findOption(IPIP_OPTIONS, word)?.parse(tool, words, wanted.data);
    else if (UNMODELLED.test(word)) throw tool.unmodelled(`ip tunnel's argument ${word}`);
    else if (abbreviates(word, 'help')) throw usage();
    else {
      const name = word === 'name' ? words.value() : word;
      if (wanted.name !== '') throw garbage('name', name);
      if (!isDeviceName(name)) throw invalid('"name" not a valid ifname', name);
      wanted.name = name;
    }
  }
  wanted.mode ??= ['gre', 'ipip', 'sit', 'isatap', 'vti'].find((mode) => wanted.name.startsWith(mode));
  return wanted;
}

const CANNOT_TELL = 'cannot determine tunnel mode (ipip, gre, vti or sit)\n';

/** What the tunnel ioctls say when they fail. */
function outcome(tool: Tool, doing: string, name: string, refused: NetlinkError | undefined): number {
  if (!refused) return 0;
  tool.warn(`${doing} tunnel "${name}" failed: ${strerror(refused.errno)}\n`);
  return 1;
}

function check(tool: Tool, { mode, data }: Wanted): void {
  if (data.ttl !== undefined && data.ttl !== 0 && data.pmtudisc === false) throw new Quit('ttl != 0 and nopmtudisc are incompatible\n', 1);
  if (mode === undefined) throw new Quit(CANNOT_TELL, 1);
  if (mode !== 'ipip') throw tool.unmodelled(`tunnels of mode ${mode}`);
}

function add(tool: Tool, words: Words): number {
  const wanted = parse(tool, words);
  check(tool, wanted);
  const spec: LinkSpec = { kind: 'ipip', data: wanted.data };
  if (wanted.name !== '') spec.name = wanted.name;
  return outcome(tool, 'add', 'tunl0', tool.netlink.newLink(spec));
}

function change(tool: Tool, words: Words): number {
  const wanted = parse(tool, words);
  const link = tunnelNamed(tool, wanted.name);
  if (!link) return outcome(tool, 'get', wanted.name, { errno: 'ENODEV' });
  check(tool, { ...wanted, mode: wanted.mode ?? 'ipip' });
  return outcome(tool, 'change', wanted.name, tool.netlink.setLink(link.ifindex, { data: wanted.data }));
}

function remove(tool: Tool, words: Words): number {
  const { name } = parse(tool, words);
  const link = tunnelNamed(tool, name);
  if (!link) return outcome(tool, 'delete', name, { errno: 'ENODEV' });
  // The fallback device is the module's own (ip_tunnel_ctl).
  if (isFallback(link)) return outcome(tool, 'delete', name, { errno: 'EPERM' });
  return outcome(tool, 'delete', name, tool.netlink.delLink(link.ifindex));
}

function tunnelNamed(tool: Tool, name: string): LinkInfo | undefined {
  const link = tool.netlink.link(name);
  return link?.kind === 'ipip' ? link : undefined;
}

function isFallback(link: LinkInfo): boolean {
  return link.name === 'tunl0' && link.data.remote === 'any' && link.data.local === 'any';
}

function show(tool: Tool, words: Words): number {
  const { name } = parse(tool, words);
  const report = tool.report();
  for (const link of tool.netlink.links()) {
    if (link.kind === 'ipip' && (name === '' || link.name === name)) report.object('', () => print(report, link));
  }
  report.end();
  return 0;
}

function print(report: Report, { name, data }: LinkInfo): void {
  report.field('ifname', name, `${name}: `);
  const mode = `${data.proto === 'ipip' ? 'ip' : data.proto}/ip`;
  report.field('mode', mode, `${mode} `);
  for (const end of ['remote', 'local']) report.field(end, data[end] ?? 'any', `${end} ${data[end] ?? 'any'} `);
  if (data.link !== undefined) report.field('link', data.link, `dev ${data.link} `);
  if (data.ttl === 0) report.field('ttl', 'inherit', 'ttl inherit ');
  else report.field('ttl', Number(data.ttl), `ttl ${data.ttl} `);
  if (data.tos === 'inherit') report.field('tos', 'inherit', 'tos inherit ');
  else if (data.tos !== 0) report.field('tos', `0x${Number(data.tos).toString(16)}`, `tos 0x${Number(data.tos).toString(16)} `);
  if (data.pmtudisc !== true) report.field('nopmtudisc', true, 'nopmtudisc');
  report.text('\n');
}
