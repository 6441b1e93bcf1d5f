import { be32, setBe32 } from '../../wire/endian.ts';
import { IPV4_OPTION, TIMESTAMP_FLAG } from '../../wire/ipv4-options.ts';
import * as ip from '../../wire/ipv4.ts';
import type { Blocking } from '../../host/wait.ts';
import type { PingOptions } from './options.ts';

/** What -R, -T and a source route put behind the IP header, whatever of it the kernel may still change (ping4_run). */
export function headerOptions(header: NonNullable<PingOptions['header']>, hops: readonly number[]): Uint8Array {
  if (header === 'record-route') {
    const bytes = new Uint8Array(40);
    bytes.set([IPV4_OPTION.NoOperation, IPV4_OPTION.RecordRoute, 39, 4]);
    return bytes;
  }
  if (header === 'source-route') {
    const bytes = new Uint8Array(4 + 4 * hops.length);
    bytes.set([IPV4_OPTION.NoOperation, IPV4_OPTION.LooseSourceRoute, 3 + 4 * hops.length, 4]);
    for (const [i, hop] of hops.entries()) setBe32(bytes, 4 + 4 * i, hop);
    return bytes;
  }
  const length = header === 'tsonly' ? 40 : header === 'tsandaddr' ? 36 : 4 + 8 * hops.length;
  const flag = { tsonly: TIMESTAMP_FLAG.Only, tsandaddr: TIMESTAMP_FLAG.WithAddress, tsprespec: TIMESTAMP_FLAG.Prespecified }[header];
  const bytes = new Uint8Array(length);
  bytes.set([IPV4_OPTION.Timestamp, length, 5, flag]);
  for (const [i, hop] of hops.entries()) setBe32(bytes, 4 + 8 * i, hop);
  return bytes;
}

/** Prints the options of answers; a route that is the last one's again is not repeated (pr_options). */
export class HeaderOptionsText {
  #last: Uint8Array | undefined;
  readonly #name: (address: number) => Blocking<string>;
  readonly #repeats: boolean;

  /** @param repeats every route is shown in full, as -f wants it */
  constructor(name: (address: number) => Blocking<string>, repeats: boolean) {
    this.#name = name;
    this.#repeats = repeats;
  }

  /** @param packet from its IP header on */
  *of(packet: Uint8Array): Blocking<string> {
    let text = '';
    const end = ip.headerLength(packet, 0);
    for (let i = ip.IPV4_HEADER; i < end && packet[i] !== IPV4_OPTION.End; ) {
      if (packet[i] === IPV4_OPTION.NoOperation) {
        text += '\nNOP';
        i++;
        continue;
      }
      const length = packet[i + 1] as number;
      if (length < 2 || length > end - i) break;
      text += yield* this.#option(packet.subarray(i, i + length));
      i += length;
    }
    return text;
  }

  *#option(b: Uint8Array): Blocking<string> {
    switch (b[0]) {
      case IPV4_OPTION.StrictSourceRoute:
      case IPV4_OPTION.LooseSourceRoute:
        return `\n${b[0] === IPV4_OPTION.StrictSourceRoute ? 'S' : 'L'}SRR: ${yield* this.#addresses(b.subarray(3))}`;
      case IPV4_OPTION.RecordRoute: {
        const route = b.slice(3, Math.min(b[2] as number, b.length) - 1);
        if (route.length < 4) return '';
        const same = this.#last?.length === route.length && route.every((byte, i) => byte === this.#last?.[i]);
        if (same && !this.#repeats) return '\t(same route)';
        this.#last = route;
        return `\nRR: ${yield* this.#addresses(route)}`;
      }
      case IPV4_OPTION.Timestamp:
        return yield* this.#timestamps(b);
      default:
        return `\nunknown option ${(b[0] as number).toString(16)}`;
    }
  }

  *#addresses(bytes: Uint8Array): Blocking<string> {
    let text = '';
    for (let i = 0; i + 4 <= bytes.length; i += 4) text += `\t${yield* this.#shown(be32(bytes, i))}\n`;
    return text;
  }

  *#shown(address: number): Blocking<string> {
    return address === 0 ? '0.0.0.0' : yield* this.#name(address);
  }

  *#timestamps(b: Uint8Array): Blocking<string> {
    const flags = b[3] as number;
    const end = Math.min(b[2] as number, b.length) - 1;
    if (end <= 4) return '';
    let text = '\nTS: ';
    const first = { standard: 0, other: 0 };
    for (let i = 4; i < end; ) {
      if ((flags & 15) !== TIMESTAMP_FLAG.Only) {
        text += `\t${yield* this.#shown(be32(b, i))}`;
        i += 4;
        if (i >= end) break;
      }
      const time = be32(b, i);
      const kind = time > 0x7fff_ffff ? 'other' : 'standard';
      const value = time & 0x7fff_ffff;
      const known = first[kind];
      text += `\t${known === 0 ? value : value - known}${known === 0 ? ' absolute' : ''}${kind === 'other' ? ' not-standard' : ''}\n`;
      first[kind] = value;
      i += 4;
    }
    return flags >>> 4 > 0 ? `${text}Unrecorded hops: ${flags >>> 4}\n` : text;
  }
}
