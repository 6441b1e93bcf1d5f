import { addressBits, type IP, networkOf } from '../../../base/address.ts';
import type { Parts } from './element.ts';
import type { SetOptions, SetType } from './types.ts';

/** What a command asks for: one element, or all those of a range of addresses, networks or ports. */
export interface ElementRange {
  parts: Parts;
  addressTo?: IP;
  portTo?: number;
  secondTo?: IP;
}

/**
 * The elements of a range in the kernel's order: by address, then port, then second address. Ranges of networks are cut into as few
 * as possible (ip_set_range_to_cidr).
 */
export function* expand(type: SetType, options: SetOptions, range: ElementRange): Generator<Parts> {
  const { parts, portTo = parts.port } = range;
  for (const [address, length] of addresses(type, options, range)) {
    for (let port = parts.port; port <= portTo; port++) {
      for (const [second, secondLength] of seconds(type, range)) yield { ...parts, address, length, port, second, secondLength };
    }
  }
}

function* addresses(type: SetType, { netmask }: SetOptions, { parts, addressTo }: ElementRange): Generator<[IP, number]> {
  const { address, length } = parts;
  if (type.parts[0] === 'net') {
    if (addressTo === undefined) yield [address, length];
    else yield* networks(address, addressTo);
    return;
  }
  const bits = addressBits(address);
  const isRange = addressTo !== undefined || (typeof address === 'number' && length < 32);
  if (type.parts[0] !== 'ip' || typeof address !== 'number' || !isRange) {
    yield [address, bits];
    return;
  }
  const first = addressTo === undefined ? networkOf(address, length) : address;
  const last = addressTo === undefined ? first + 2 ** (32 - length) - 1 : (addressTo as number);
  const step = 2 ** (32 - (netmask ?? 32));
  for (let at = netmask === undefined ? first : networkOf(first, netmask); at <= last; at += step) yield [at, 32];
}

function* seconds(type: SetType, { parts, secondTo }: ElementRange): Generator<[IP, number]> {
  if (secondTo === undefined || type.parts.lastIndexOf('net') < 1) yield [parts.second, parts.secondLength];
  else yield* networks(parts.second, secondTo);
}

/** The fewest networks that cover [from, to]. */
function* networks(from: IP, to: IP): Generator<[IP, number]> {
  const bits = addressBits(from);
  let at = BigInt(from);
  const end = BigInt(to);
  while (at <= end) {
    let length = bits;
    while (length > 0) {
      const size = 1n << BigInt(bits - length + 1);
      if (at % size !== 0n || at + size - 1n > end) break;
      length--;
    }
    yield [typeof from === 'number' ? Number(at) : at, length];
    at += 1n << BigInt(bits - length);
  }
}
