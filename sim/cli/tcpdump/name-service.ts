import { formatIP, type IP, type IPv4, parseIPv4 } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameOfAddress, resolveName } from '../name-resolution.ts';
import { hostNames, type FilterNames, type Service } from './filter/names.ts';
import type { Expression } from './filter/syntax.ts';
import type { LocalNames, Part } from './printers/printout.ts';
import { PROTOCOL_NAMES } from './protocol-names.ts';

/** Names and numbers by the machine's files, and addresses' names by DNS. What has been asked once is remembered. */
export class NameService implements LocalNames {
  readonly #process: Process;
  readonly #numeric: boolean;
  readonly #short: boolean;
  readonly #ports = new Map<string, string>();
  readonly #services = new Map<string, Service>();
  readonly #addresses = new Map<IP, string>();

  /** @param short names of this machine's domain without it (-N) */
  constructor(process: Process, options: { numeric: boolean; short: boolean }) {
    this.#process = process;
    this.#numeric = options.numeric;
    this.#short = options.short;
  }

  /** Reads /etc/services. */
  *load(): Blocking<void> {
    for (const [name = '', where = '', ...aliases] of yield* this.#table('/etc/services')) {
      const [number = '', protocol = ''] = where.split('/');
      if (protocol !== 'tcp' && protocol !== 'udp') continue;
      const key = `${number}/${protocol}`;
      if (!this.#ports.has(key)) this.#ports.set(key, name);
      for (const known of [name, ...aliases]) this.#addService(known, Number(number), protocol);
    }
  }

  #addService(name: string, port: number, protocol: 'tcp' | 'udp'): void {
    const before = this.#services.get(name);
    if (!before) this.#services.set(name, { port, protocol });
    else if (before.port === port && before.protocol !== protocol) this.#services.set(name, { port, protocol: undefined });
  }

  *#table(path: string): Blocking<string[][]> {
    const bytes = yield* this.#process.readFile(path);
    if (typeof bytes === 'string') return [];
    const lines = decode(bytes).split('\n');
    return lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/)).filter((words) => words.length > 1);
  }

  port(number: number, protocol: 'tcp' | 'udp'): string {
    return (this.#numeric ? undefined : this.#ports.get(`${number}/${protocol}`)) ?? String(number);
  }

  protocol(number: number): string | undefined {
    return PROTOCOL_NAMES[number];
  }

  device(ifindex: number): string | undefined {
    return openRtNetlink(this.#process.namespaces.net).link(ifindex)?.name;
  }

  /** A packet's text, its addresses named. */
  *text(parts: readonly Part[]): Blocking<string> {
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : yield* this.#address(part.address);
    return text;
  }

  *#address(address: IP): Blocking<string> {
    if (this.#numeric) return formatIP(address);
    let name = this.#addresses.get(address);
    if (name === undefined) {
      const found = yield* nameOfAddress(this.#process, address);
      name = found === undefined ? formatIP(address) : this.#short ? (found.split('.')[0] ?? found) : found;
      this.#addresses.set(address, name);
    }
    return name;
  }

  /** What the names in a filter mean. */
  *filterNames(expression: Expression | undefined): Blocking<FilterNames> {
    const hosts = new Map<string, readonly IP[]>();
    for (const name of hostNames(expression)) {
      const resolved = yield* resolveName(this.#process, name);
      if (typeof resolved !== 'string') hosts.set(name, [...new Set(resolved.addresses)]);
    }
    const protocols = new Map<string, number>();
    for (const [name = '', number = '', ...aliases] of yield* this.#table('/etc/protocols')) {
      for (const known of [name, ...aliases]) if (!protocols.has(known)) protocols.set(known, Number(number));
    }
    const networks = new Map<string, IPv4>();
    for (const [name = '', number = '', ...aliases] of yield* this.#table('/etc/networks')) {
      const network = parseIPv4(number);
      for (const known of [name, ...aliases]) if (network !== undefined) networks.set(known, trimmed(network));
    }
    return { hosts, services: this.#services, protocols, networks };
  }
}

/** A network's number without its trailing zero bytes (getnetbyname(3)). */
function trimmed(network: IPv4): IPv4 {
  let number = network;
  while (number !== 0 && (number & 0xff) === 0) number >>>= 8;
  return number;
}
