import { encode } from '../base/bytes.ts';
import { parseIPv4, parseIPv6 } from '../base/address.ts';
import { checksum, pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../wire/checksum.ts';
import { hereMac, LAYERS, type LayerTable, readField, thereMac, writeField } from './layers.ts';
import { hexBytes, readOptions, toHex, writeOptions } from './options.ts';

/** A header as a script writes it: `ip src=10.0.0.2 ttl=1`, or data: `data "text"`, `data 1000`. */
export interface Layer {
  name: string;
  fields: Record<string, string>;
  /** Of `data`: the bytes themselves. */
  data?: Uint8Array;
}

/** Reads `eth … / ip … / udp … / data …`. @throws Error naming what is wrong */
export function parsePacket(text: string): Layer[] {
  return text.split(/\s+\/\s+/).map((part) => {
    const [name = '', ...words] = part.trim().split(/\s+/);
    if (name === 'data') return { name, fields: {}, data: parseData(part.trim().slice(4).trim()) };
    const table = LAYERS[name];
    if (!table) throw new Error(`no layer is named '${name}'`);
    const fields: Record<string, string> = {};
    for (const word of words) {
      const at = word.indexOf('=');
      const field = word.slice(0, at);
      if (at < 0 || !(Object.hasOwn(table.fields, field) || table.options?.includes(field)))
        throw new Error(`${name} has no field '${word}'`);
      fields[field] = word.slice(at + 1);
    }
    return { name, fields };
  });
}

/** `"text"`, `0x0102`, a number of bytes (which repeat the alphabet), or `FROM+COUNT`: that part of the repeated alphabet. */
function parseData(text: string): Uint8Array {
  if (text.startsWith('"')) return encode(JSON.parse(text) as string);
  if (text.startsWith('0x')) return Uint8Array.from(hexBytes(text));
  const [, from = '0', count] = /^(?:(\d+)\+)?(\d+)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`'${text}' is no data`);
  return Uint8Array.from({ length: Number(count) }, (_, i) => 97 + ((Number(from) + i) % 26));
}

const ETHER_TYPES: Readonly<Record<string, string>> = { ip: '0x800', arp: '0x806', ip6: '0x86dd', vlan: '0x8100' };
const PROTOCOLS: Readonly<Record<string, string>> = {
  icmp: '1',
  ip: '4',
  tcp: '6',
  udp: '17',
  hbh: '0',
  igmp: '2',
  rthdr: '43',
  frag: '44',
  icmp6: '58',
  dopt: '60',
};

/** The bytes of a frame on a cable: what the script doesn't give has its usual value, lengths and checksums are right. */
export function buildFrame(layers: readonly Layer[], cable: number): Uint8Array {
  const ethernet: Layer = { name: 'eth', fields: {} };
  const all = layers[0]?.name === 'eth' ? layers : [ethernet, ...layers];
  const addressed = { dst: hereMac(cable), src: thereMac(cable), ...all[0]?.fields };
  return buildLayers([{ name: 'eth', fields: addressed }, ...all.slice(1)]);
}

function buildLayers(layers: readonly Layer[]): Uint8Array {
  const [layer, ...inner] = layers;
  if (!layer) return new Uint8Array(0);
  if (layer.data) return layer.data;
  const table = LAYERS[layer.name] as LayerTable;
  const payload = buildLayers(inner);
  const options = writeOptions(layer.name, layer.fields);
  const header = table.length + options.length;
  const bytes = new Uint8Array(header + payload.length);
  bytes.set(options, table.length);
  bytes.set(payload, header);
  const given = { ...table.defaults, ...implied(layer, inner, bytes.length, header), ...layer.fields };
  for (const [name, value] of Object.entries(given)) if (table.fields[name]) writeField(bytes, 0, table.fields[name], value);
  fillChecksums(layer, inner, bytes, header);
  return bytes;
}

/** What follows from the layers within and from lengths. */
function implied({ name }: Layer, inner: readonly Layer[], length: number, header: number): Record<string, string> {
  const next = inner[0]?.name ?? '';
  switch (name) {
    case 'eth':
    case 'vlan':
      return { type: ETHER_TYPES[next] ?? '0' };
    case 'ip':
      return { ihl: String(header), len: String(length), proto: PROTOCOLS[next] ?? '17' };
    case 'ip6':
      return { len: String(length - 40), next: PROTOCOLS[next] ?? '59' };
    case 'frag':
    case 'hbh':
    case 'dopt':
    case 'rthdr':
      return { next: PROTOCOLS[next] ?? '17' };
    case 'tcp':
      return { hlen: String(header) };
    case 'udp':
      return { len: String(length) };
    case 'arp':
      return { sha: thereMac(0) };
    default:
      return {};
  }
}

/** An IP header fills its own checksum and that of what it carries whole: only it knows the pseudo header. */
function fillChecksums({ name, fields }: Layer, inner: readonly Layer[], b: Uint8Array, header: number): void {
  if (name !== 'ip' && name !== 'ip6') return;
  const four = name === 'ip';
  if (four && fields.sum === undefined) set16(b, 10, checksum(b, 0, header));
  const past = inner.findIndex((layer) => !EXTENSIONS.has(layer.name));
  const start = inner.slice(0, Math.max(0, past)).reduce((sum, layer) => sum + extensionLength(layer), header);
  const upper = inner[past];
  if (!upper || upper.fields.sum !== undefined) return;
  const table = CHECKED[upper.name];
  if (table === undefined) return;
  set16(b, start + table.at, 0);
  const value = checksum(b, start, b.length, table.pseudo ? pseudo(b, four, table.protocol, start) : 0);
  set16(b, start + table.at, value === 0 && upper.name === 'udp' ? 0xffff : value);
}

const CHECKED: Readonly<Record<string, { at: number; pseudo: boolean; protocol: number }>> = {
  icmp: { at: 2, pseudo: false, protocol: 1 },
  tcp: { at: 16, pseudo: true, protocol: 6 },
  udp: { at: 6, pseudo: true, protocol: 17 },
  icmp6: { at: 2, pseudo: true, protocol: 58 },
  igmp: { at: 2, pseudo: false, protocol: 2 },
};

/** Extension headers of IPv6 that stand before whole upper layers; `data` behind them belongs to them. */
const EXTENSIONS = new Set(['hbh', 'dopt', 'rthdr', 'frag', 'data']);

function extensionLength({ name, data }: Layer): number {
  return data ? data.length : (LAYERS[name] as LayerTable).length;
}

/** The pseudo header's sum of the packet in `b` whose upper layer begins at `start`. */
function pseudo(b: Uint8Array, four: boolean, protocol: number, start: number): number {
  const { fields } = LAYERS[four ? 'ip' : 'ip6'] as LayerTable;
  const [source, destination] = ['src', 'dst'].map((name) => readField(b, 0, fields[name] as (typeof fields)[string]) as string) as [
    string,
    string,
  ];
  if (four) return pseudoHeaderIPv4(parseIPv4(source) as number, parseIPv4(destination) as number, protocol, b.length - start);
  return pseudoHeaderIPv6(parseIPv6(source) as bigint, parseIPv6(destination) as bigint, protocol, b.length - start);
}

function set16(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value & 0xff;
}

const NAME_OF_TYPE = new Map(Object.entries(ETHER_TYPES).map(([name, type]) => [Number(type), name]));
const NAME_OF_PROTOCOL = new Map(Object.entries(PROTOCOLS).map(([name, protocol]) => [Number(protocol), name]));
const VXLAN_PORT = 4789;

/** Takes a frame apart. A packet that an ICMP error quotes is among the layers; checksums of whole packets must be right. */
export function readFrame(frame: Uint8Array): { layers: Layer[]; faults: string[] } {
  const layers: Layer[] = [];
  const faults: string[] = [];
  let [name, at, end, quoted]: [string, number, number, boolean] = ['eth', 0, frame.length, false];
  while (name !== '' && at < end) {
    const table = LAYERS[name];
    const b = frame.subarray(0, end);
    if (!table) {
      layers.push({ name: 'data', fields: {}, data: frame.slice(at, end) });
      break;
    }
    const layer: Layer = { name, fields: {} };
    for (const [field, place] of Object.entries(table.fields)) {
      const value = readField(b, at, place);
      if (value !== undefined) layer.fields[field] = value;
    }
    Object.assign(layer.fields, readOptions(name, b.subarray(at + table.length, optionsEnd(layer, at))));
    layers.push(layer);
    if (!quoted) faults.push(...wrongChecksums(b, at, layer));
    [name, at, end, quoted] = within(layer, at, end, quoted);
  }
  return { layers, faults };
}

/** Where the options of a header end that has any. */
function optionsEnd({ name, fields }: Layer, at: number): number {
  return name === 'ip' ? at + Number(fields.ihl) : name === 'tcp' ? at + Number(fields.hlen) : 0;
}

/** The layer inside of one: its name, start and end. */
function within({ name, fields }: Layer, at: number, end: number, quoted: boolean): [string, number, number, boolean] {
  const value = (field: string) => Number(fields[field] ?? 0);
  const { length } = LAYERS[name] as LayerTable;
  switch (name) {
    case 'eth':
    case 'vlan':
      return [NAME_OF_TYPE.get(value('type')) ?? 'data', at + length, end, quoted];
    case 'ip':
      return [
        value('off') > 0 ? 'data' : (NAME_OF_PROTOCOL.get(value('proto')) ?? 'data'),
        at + value('ihl'),
        Math.min(end, at + value('len')),
        quoted,
      ];
    case 'ip6':
      return [NAME_OF_PROTOCOL.get(value('next')) ?? 'data', at + length, Math.min(end, at + length + value('len')), quoted];
    case 'frag':
      return [value('off') > 0 ? 'data' : (NAME_OF_PROTOCOL.get(value('next')) ?? 'data'), at + length, end, quoted];
    case 'icmp':
      return [[3, 4, 5, 11, 12].includes(value('type')) ? 'ip' : 'data', at + length, end, true];
    case 'hbh':
    case 'dopt':
    case 'rthdr':
      return [NAME_OF_PROTOCOL.get(value('next')) ?? 'data', at + length + 8 * value('units'), end, quoted];
    case 'icmp6': {
      const type = value('type');
      return [type < 128 ? 'ip6' : (INSIDE_ICMP6[type] ?? 'data'), at + length, end, true];
    }
    case 'target':
    case 'lladdr':
      return ['lladdr', at + length, end, quoted];
    case 'redirect':
      return ['lladdr', at + length, end, quoted];
    case 'record':
      return ['record', at + length + 16 * value('sources'), end, quoted];
    case 'udp':
      return [value('dport') === VXLAN_PORT ? 'vxlan' : 'data', at + length, end, quoted];
    case 'tcp':
      return ['data', at + value('hlen'), end, quoted];
    case 'vxlan':
      return ['eth', at + length, end, false];
    default:
      return ['', end, end, quoted];
  }
}

const INSIDE_ICMP6: Readonly<Record<number, string>> = { 135: 'target', 136: 'target', 137: 'redirect', 143: 'record' };

/** Checksums of an IP packet that isn't a fragment. */
function wrongChecksums(b: Uint8Array, at: number, { name, fields }: Layer): string[] {
  if (name === 'ip') {
    const faults = checksum(b, at, at + Number(fields.ihl)) === 0 ? [] : ['bad checksum of ip'];
    if (fields.mf === '1' || fields.off !== '0') return faults;
    return [...faults, ...wrongUpper(b.subarray(at, at + Number(fields.len)), Number(fields.ihl), Number(fields.proto), true)];
  }
  if (name === 'ip6') return wrongUpper(b.subarray(at, at + 40 + Number(fields.len)), 40, Number(fields.next), false);
  return [];
}

function wrongUpper(packet: Uint8Array, header: number, protocol: number, four: boolean): string[] {
  const name = NAME_OF_PROTOCOL.get(protocol) ?? '';
  const table = CHECKED[name];
  if (!table) return [];
  // Zero means that UDP over IPv4 has none: tunnels leave it out.
  if (name === 'udp' && four && packet[header + 6] === 0 && packet[header + 7] === 0) return [];
  return checksum(packet, header, packet.length, table.pseudo ? pseudo(packet, four, protocol, header) : 0) === 0
    ? []
    : [`bad checksum of ${name}`];
}

/** A frame in the scripts' own notation. */
export function describeFrame(frame: Uint8Array): string {
  const { layers, faults } = readFrame(frame);
  const parts = layers.map(({ name, fields, data }) => {
    if (data)
      return `data ${data.length > 40 ? data.length : data.every((byte) => byte >= 32 && byte < 127) ? JSON.stringify(String.fromCharCode(...data)) : toHex(data)}`;
    const shown = Object.entries(fields).filter(
      ([field]) => !['version', 'ihl', 'hlen', 'sum', 'htype', 'ptype', 'plen', 'units'].includes(field),
    );
    return [name, ...shown.map(([field, value]) => `${field}=${value}`)].join(' ');
  });
  return [parts.join(' / '), ...faults].join('; ');
}
