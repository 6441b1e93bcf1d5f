/** What Debian's iproute2 keeps under /usr/share/iproute2: names for tables, protocols and the like, one number and name a line. */

const names = (...lines: readonly (string | readonly [number | string, string])[]): string =>
  lines.map((line) => (typeof line === 'string' ? `${line}\n` : `${line.join('\t')}\n`)).join('');

const heading = (text: string): string[] => ['#', `# ${text}`, '#'];

export const IPROUTE_FILES: Readonly<Record<string, string>> = {
  '/usr/share/iproute2/rt_tables': names(
    ...heading('reserved values'),
    [255, 'local'],
    [254, 'main'],
    [253, 'default'],
    [0, 'unspec'],
    ...heading('local'),
    '#1\tinr.ruhep',
  ),
  '/usr/share/iproute2/rt_protos': names(
    ...heading('Reserved protocols.'),
    [0, 'unspec'],
    [1, 'redirect'],
    [2, 'kernel'],
    [3, 'boot'],
    [4, 'static'],
    [8, 'gated'],
    [9, 'ra'],
    [10, 'mrt'],
    [11, 'zebra'],
    [12, 'bird'],
    [13, 'dnrouted'],
    [14, 'xorp'],
    [15, 'ntk'],
    [16, 'dhcp'],
    [18, 'keepalived'],
    [42, 'babel'],
    [84, 'ovn'],
    [99, 'openr'],
    [186, 'bgp'],
    [187, 'isis'],
    [188, 'ospf'],
    [189, 'rip'],
    [192, 'eigrp'],
  ),
  '/usr/share/iproute2/rt_scopes': names(
    ...heading('reserved values'),
    [0, 'global'],
    [255, 'nowhere'],
    [254, 'host'],
    [253, 'link'],
    ...heading('pseudo-reserved'),
    [200, 'site'],
  ),
  '/usr/share/iproute2/rt_realms': names(...heading('reserved values'), [0, 'cosmos'], ...heading('local')),
  '/usr/share/iproute2/rt_dsfield': names(
    '# Differentiated field values',
    ['0x0', 'default'],
    ...(
      ['28 AF11', '30 AF12', '38 AF13', '48 AF21', '50 AF22', '58 AF23', '68 AF31', '70 AF32', '78 AF33', '88 AF41', '90 AF42'] as const
    ).map((entry) => `0x${entry.replace(' ', '\t')}`),
    ['0x98', 'AF43'],
    ...['20 CS1', '40 CS2', '60 CS3', '80 CS4', 'A0 CS5', 'C0 CS6', 'E0 CS7', 'B8 EF'].map((entry) => `0x${entry.replace(' ', '\t')}`),
  ),
  '/usr/share/iproute2/group': names('# device group names', [0, 'default']),
};
