import type { IP } from '../../../base/address.ts';
import type { Random } from '../../../base/random.ts';
import type { Connection } from '../conntrack/connection.ts';
import type { ConnectionTable } from '../conntrack/table.ts';
import { hasPorts, invertIcmp, isIcmp, type Tuple } from '../conntrack/tuple.ts';
import type { Manipulation, NatRange } from './range.ts';

/** Candidates that are tried before a port is given up on (max_attempts of nf_nat_l4proto_unique_tuple). */
const MAX_ATTEMPTS = 128;

/**
 * Chooses the addresses and ports that a connection gets (get_unique_tuple): within the range, the old ones if possible, and never
 * those whose answers would belong to another connection. `tuple` is changed in place.
 */
export function chooseUnique(
  tuple: Tuple,
  range: NatRange,
  connection: Connection,
  manipulation: Manipulation,
  table: ConnectionTable,
  random: Random,
): void {
  const shuffled = range.random || range.randomFully;
  if (manipulation === 'source' && !shuffled && inRange(tuple, range, connection) && !used(tuple, connection, table)) return;
  chooseAddress(tuple, range, manipulation);
  if (!shuffled) {
    if (range.minPort === undefined) {
      if (!used(tuple, connection, table)) return;
    } else if (range.basePort === undefined && portIn(portOf(tuple, connection, manipulation), range)) {
      if (range.minPort === range.maxPort || !used(tuple, connection, table)) return;
    }
  }
  choosePort(tuple, range, connection, manipulation, table, random);
}

/** Whether the packet's own source would do (nf_in_range). */
function inRange(tuple: Tuple, range: NatRange, connection: Connection): boolean {
  if (range.minAddress !== undefined && (tuple.source < range.minAddress || tuple.source > (range.maxAddress as IP))) return false;
  return range.minPort === undefined || portIn(portOf(tuple, connection, 'source'), range);
}

function portIn(port: number, range: NatRange): boolean {
  return port >= (range.minPort as number) && port <= (range.maxPort as number);
}

/** ICMP has one number for both ends, its identifier. */
function portOf(tuple: Tuple, connection: Connection, manipulation: Manipulation): number {
  if (manipulation === 'source' || isIcmp(connection.family, connection.protocol)) return tuple.sourcePort;
  return tuple.destinationPort;
}

function setPort(tuple: Tuple, connection: Connection, manipulation: Manipulation, port: number): void {
  if (manipulation === 'source' || isIcmp(connection.family, connection.protocol)) tuple.sourcePort = port;
  else tuple.destinationPort = port;
}

/** One address of the range for each pair of ends, or for each client with `persistent` (find_best_ips_proto). */
function chooseAddress(tuple: Tuple, range: NatRange, manipulation: Manipulation): void {
  const { minAddress, maxAddress } = range;
  if (minAddress === undefined || maxAddress === undefined) return;
  let chosen: IP = minAddress;
  if (minAddress !== maxAddress) {
    const hash = spread(tuple.source) ^ (range.persistent ? 0 : Math.imul(spread(tuple.destination), 0x9e3779b1));
    const size = Number(BigInt(maxAddress) - BigInt(minAddress)) + 1;
    const offset = Math.floor(((hash >>> 0) / 0x1_0000_0000) * size);
    chosen = typeof minAddress === 'number' ? minAddress + offset : minAddress + BigInt(offset);
  }
  if (manipulation === 'source') tuple.source = chosen;
  else tuple.destination = chosen;
}

function spread(address: IP): number {
  let h = typeof address === 'number' ? address : Number(BigInt.asUintN(32, address ^ (address >> 32n) ^ (address >> 64n)));
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function choosePort(
  tuple: Tuple,
  range: NatRange,
  connection: Connection,
  manipulation: Manipulation,
  table: ConnectionTable,
  random: Random,
): void {
  const { family, protocol } = connection;
  if (!hasPorts(protocol) && !isIcmp(family, protocol)) return;
  let min: number;
  let size: number;
  const old = portOf(tuple, connection, manipulation);
  if (range.minPort === undefined) {
    // A destination's port has a meaning: without ports in the rule it stays.
    if (manipulation === 'destination' && hasPorts(protocol)) return;
    if (isIcmp(family, protocol)) [min, size] = [0, 65_536];
    else if (old < 512) [min, size] = [1, 511];
    else if (old < 1024) [min, size] = [600, 424];
    else [min, size] = [1024, 64_512];
  } else {
    min = range.minPort;
    size = (range.maxPort as number) - min + 1;
  }
  let offset = 0;
  if (range.basePort !== undefined) offset = old - range.basePort;
  else if (range.random || range.randomFully || manipulation === 'source') offset = random.below(65_536);
  for (let attempt = 0; attempt < Math.min(size, MAX_ATTEMPTS); attempt++, offset++) {
    setPort(tuple, connection, manipulation, min + (((offset % size) + size) % size));
    if (!used(tuple, connection, table)) return;
  }
}

/** Whether the answers to such packets belong to another connection already (nf_nat_used_tuple). */
function used(tuple: Tuple, connection: Connection, table: ConnectionTable): boolean {
  const { family, protocol } = connection;
  let sourcePort = tuple.destinationPort;
  let destinationPort = tuple.sourcePort;
  if (isIcmp(family, protocol)) {
    sourcePort = tuple.sourcePort;
    destinationPort = invertIcmp(protocol, tuple.destinationPort) ?? 0;
  }
  const zones = [connection.original.zone, connection.replyDirection.zone] as const;
  const found = table.find(family, protocol, tuple.destination, tuple.source, sourcePort, destinationPort, ...zones);
  return found !== undefined && found.connection !== connection;
}
