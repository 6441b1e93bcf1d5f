import type { LinkAttribute } from '../../host/netlink/messages.ts';
import type { Report } from './report.ts';

/** A tunnel's attributes as `ip -d link` prints them (ip/iplink_vxlan.c). */
export function printVxlan(report: Report, data: Record<string, LinkAttribute>): void {
  const has = (name: string) => data[name] !== undefined && data[name] !== '';
  const field = (key: string, text = key) => {
    if (has(key)) report.field(key, data[key] as LinkAttribute, `${text} ${data[key]} `);
  };
  field('id');
  field('group');
  field('remote');
  field('local');
  field('link', 'dev');
  const [low, high] = portRange(data);
  report.object('port_range', () => {
    report.field('low', low, `srcport ${low} `);
    report.field('high', high, `${high} `);
  });
  field('port', 'dstport');
  if (has('tos')) report.field('tos', tosText(data.tos), `tos ${tosText(data.tos)} `);
  const ttl = data.ttl ?? 0;
  report.field('ttl', ttl, ttl === 0 ? 'ttl auto ' : `ttl ${ttl} `);
  const df = data.df ?? 'unset';
  report.field('df', df, df === 'unset' ? '' : `df ${df} `);
  if (has('label')) report.field('label', hexadecimal(data.label), `flowlabel ${hexadecimal(data.label)} `);
  report.field('ageing', data.ageing ?? 0, data.ageing === 0 ? 'ageing none ' : `ageing ${data.ageing} `);
  if (has('limit')) report.field('limit', data.limit as LinkAttribute, `maxaddr ${data.limit} `);
  report.field('reserved_bits', RESERVED_BITS, `reserved_bits ${RESERVED_BITS} `);
  report.field('external', data.external === true, data.external === true ? 'external ' : '');
  for (const { name, usual, on, off } of FLAGS) {
    const value = has(name) ? data[name] === true || data[name] === 1 : usual;
    report.field(name, value, value === usual ? '' : `${value ? on : off} `);
  }
}

/** `inherit`, or the byte in hexadecimal. */
function tosText(tos: LinkAttribute | undefined): string {
  return tos === 'inherit' ? 'inherit' : `0x${Number(tos).toString(16)}`;
}

function hexadecimal(value: LinkAttribute | undefined): string {
  return `0x${Number(value).toString(16).padStart(5, '0')}`;
}

const RESERVED_BITS = '0xf7ffffff000000ff';

/** Flags in their order, with the value that goes without saying in text. */
const FLAGS = [
  { name: 'learning', usual: true, on: 'learning', off: 'nolearning' },
  { name: 'proxy', usual: false, on: 'proxy', off: 'noproxy' },
  { name: 'rsc', usual: false, on: 'rsc', off: 'norsc' },
  { name: 'l2miss', usual: false, on: 'l2miss', off: 'nol2miss' },
  { name: 'l3miss', usual: false, on: 'l3miss', off: 'nol3miss' },
  { name: 'udp_csum', usual: true, on: 'udpcsum', off: 'noudpcsum' },
  { name: 'udp_zero_csum6_tx', usual: false, on: 'udp6zerocsumtx', off: 'noudp6zerocsumtx' },
  { name: 'udp_zero_csum6_rx', usual: false, on: 'udp6zerocsumrx', off: 'noudp6zerocsumrx' },
  { name: 'remcsum_tx', usual: false, on: 'remcsumtx', off: 'noremcsumtx' },
  { name: 'remcsum_rx', usual: false, on: 'remcsumrx', off: 'noremcsumrx' },
  { name: 'localbypass', usual: true, on: 'localbypass', off: 'nolocalbypass' },
];

function portRange(data: Record<string, LinkAttribute>): [number, number] {
  const [low, high] = String(data.port_range ?? '0 0').split(/[ -]/);
  return [Number(low), Number(high)];
}
