import type { LinkInfo, LinkSpec, NetlinkError } from '../../host/netlink/messages.ts';
import { strerror } from '../../base/errno.ts';
import type { KindData } from './kind-options.ts';
import { findOption } from './kind-options.ts';
import type { Report } from './report.ts';
import { IPIP_OPTIONS } from './stacked-kinds.ts';
import type { Subcommand, Tool } from './tool.ts';
import { TUNNEL6_USAGE, TUNNEL_USAGE } from './usage/tunnel.ts';
import { isDeviceName } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = (tool: Tool) => new Quit(tool.family === 6 ? TUNNEL6_USAGE : TUNNEL_USAGE, EXIT_MINUS_ONE);

/** `ip tunnel`: IPv4 tunnels the older way (ip/iptunnel.c). Of its modes this kernel has ipip alone, and none over IPv6 (ip/ip6tunnel.c). */
export const tunnelCommands: readonly Subcommand[] = [
  { names: ['add'], run: add },
  { names: ['change'], run: change },
  { names: ['delete'], run: remove },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['prl', '6rd'], run: (tool) => tool.refuse(tool.unmodelled('ip tunnel prl and 6rd')) },
  { names: ['help'], run: (tool) => tool.refuse(usage(tool)) },
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

const MODES6: Record<string, string> = {
  ip6ip6: 'ip6ip6',
  'ipv6/ipv6': 'ip6ip6',
  ipip6: 'ipip6',
  ip6gre: 'ip6gre',
  'gre/ipv6': 'ip6gre',
  vti6: 'vti6',
  any: 'any',
};

const ENDS = ['remote', 'local', 'dev', 'ttl', 'hoplimit', 'hlim', 'tos', 'tclass', 'tc', 'dsfield', 'pmtudisc', 'nopmtudisc'];
/** What takes a value in tunnels over IPv6, none of which the kernel would make. */
const ENDS6 = ['remote', 'local', 'dev', 'encaplimit', 'hoplimit', 'ttl', 'hlim', 'tclass', 'flowlabel', 'dscp', 'fwmark'];
const UNMODELLED = /^(\[?[io]?(key|seq|csum)|prl-.*|6rd-.*|ignore-df|noignore-df|allow-localremote|noallow-localremote|fwmark)$/;

function parse(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = { name: '', mode: undefined, data: {} };
  while (!words.empty) {
    const word = words.take();
    if (word === 'mode') {
      const text = words.value();
      const modes = tool.family === 6 ? MODES6 : MODES;
      if (!Object.hasOwn(modes, text)) throw new Quit(`Unknown tunnel mode "${text}"\n`, EXIT_MINUS_ONE);
      wanted.mode = modes[text];
    } else if (tool.family === 6 && ENDS6.includes(word)) words.value();
    else if (ENDS.includes(word)) findOption(IPIP_OPTIONS, word)?.parse(tool, words, wanted.data);
    else if (UNMODELLED.test(word)) throw tool.unmodelled(`ip tunnel's argument ${word}`);
    else if (abbreviates(word, 'help')) throw usage(tool);
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

function check({ mode, data }: Wanted): void {
  if (data.ttl !== undefined && data.ttl !== 0 && data.pmtudisc === false) throw new Quit('ttl != 0 and nopmtudisc are incompatible\n', 1);
  if (mode === undefined) throw new Quit(CANNOT_TELL, 1);
}

/** The fallback device of a module that isn't there, to which the request for a tunnel would go. */
const FALLBACKS: Readonly<Record<string, string>> = {
  gre: 'gre0',
  sit: 'sit0',
  isatap: 'sit0',
  vti: 'ip_vti0',
  ip6gre: 'ip6gre0',
  vti6: 'ip6_vti0',
};

function add(tool: Tool, words: Words): number {
  const wanted = parse(tool, words);
  if (tool.family === 6) return outcome(tool, 'add', FALLBACKS[wanted.mode ?? ''] ?? 'ip6tnl0', { errno: 'ENODEV' });
  check(wanted);
  const missing = FALLBACKS[wanted.mode ?? ''];
  if (missing) return outcome(tool, 'add', missing, { errno: 'ENODEV' });
  const spec: LinkSpec = { kind: 'ipip', data: wanted.data };
  if (wanted.name !== '') spec.name = wanted.name;
  return outcome(tool, 'add', 'tunl0', tool.netlink.newLink(spec));
}

function change(tool: Tool, words: Words): number {
  const wanted = parse(tool, words);
  const link = tool.family === 6 ? undefined : tunnelNamed(tool, wanted.name);
  if (!link) return outcome(tool, 'get', wanted.name, { errno: 'ENODEV' });
  check({ ...wanted, mode: wanted.mode ?? 'ipip' });
  return outcome(tool, 'change', wanted.name, tool.netlink.setLink(link.ifindex, { data: wanted.data }));
}

function remove(tool: Tool, words: Words): number {
  const { name } = parse(tool, words);
  const link = tool.family === 6 ? undefined : tunnelNamed(tool, name);
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
    if (tool.family !== 6 && link.kind === 'ipip' && (name === '' || link.name === name)) report.object('', () => print(report, link));
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
