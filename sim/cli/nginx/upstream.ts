import { formatIP, type IP } from '../../base/address.ts';
import type { Micros } from '../../base/time.ts';
import { SECOND } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import type { Template } from './template.ts';

/** One address that requests can go to, with what the balancer remembers of it. */
export interface Peer {
  address: IP;
  port: number;
  weight: number;
  maxFails: number;
  /** Microseconds. */
  failTimeout: Micros;
  maxConnections: number;
  backup: boolean;
  down: boolean;
  currentWeight: number;
  effectiveWeight: number;
  fails: number;
  accessed: Micros;
  checked: Micros;
  connections: number;
}

export type Method = 'round-robin' | 'least_conn' | 'ip_hash' | 'hash' | 'random';

/** A group of servers: an `upstream` block, or the one that a `proxy_pass` with an address stands for. */
export interface UpstreamDefinition {
  name: string;
  implicit: boolean;
  method: Method;
  key: Template | undefined;
  peers: Peer[];
}

export function makePeer(address: IP, port: number, settings: Partial<Peer> = {}): Peer {
  return {
    address,
    port,
    weight: 1,
    maxFails: 1,
    failTimeout: 10 * SECOND,
    maxConnections: 0,
    backup: false,
    down: false,
    currentWeight: 0,
    fails: 0,
    accessed: 0,
    checked: 0,
    connections: 0,
    ...settings,
    effectiveWeight: settings.weight ?? 1,
  };
}

/** What a choice may depend on. */
export interface Choice {
  now: Micros;
  client: IP;
  /** The value of `hash`'s key. */
  key: string;
  random: Random;
  tried: ReadonlySet<Peer>;
}

/** The peer for a request: of the servers, or of the backups when none of them is left. */
export function choosePeer(upstream: UpstreamDefinition, choice: Choice): Peer | undefined {
  const [main, backup] = [upstream.peers.filter((peer) => !peer.backup), upstream.peers.filter((peer) => peer.backup)];
  return among(upstream, main, choice) ?? roundRobin(backup, choice, main.length + backup.length === 1);
}

function among(upstream: UpstreamDefinition, peers: readonly Peer[], choice: Choice): Peer | undefined {
  const single = upstream.peers.length === 1;
  switch (upstream.method) {
    case 'least_conn':
      return leastConnections(peers, choice, single);
    case 'ip_hash':
      return hashed(peers, clientKey(choice.client), choice, single);
    case 'hash':
      return hashed(peers, choice.key, choice, single);
    case 'random': {
      const usable = peers.filter((peer) => isUsable(peer, choice, single));
      return usable.length === 0 ? undefined : usable[choice.random.below(usable.length)];
    }
    case 'round-robin':
      return roundRobin(peers, choice, single);
  }
}

/** A peer that failed `max_fails` times is left alone for `fail_timeout`; the only one there is never is. */
function isUsable(peer: Peer, { now, tried }: Choice, single: boolean): boolean {
  if (peer.down || tried.has(peer)) return false;
  if (single) return true;
  if (peer.maxConnections > 0 && peer.connections >= peer.maxConnections) return false;
  return peer.maxFails === 0 || peer.fails < peer.maxFails || now - peer.checked > peer.failTimeout;
}

/** The smooth weighted round robin of ngx_http_upstream_get_peer. */
function roundRobin(peers: readonly Peer[], choice: Choice, single: boolean): Peer | undefined {
  let best: Peer | undefined;
  let total = 0;
  for (const peer of peers) {
    if (!isUsable(peer, choice, single)) continue;
    peer.currentWeight += peer.effectiveWeight;
    total += peer.effectiveWeight;
    if (peer.effectiveWeight < peer.weight) peer.effectiveWeight++;
    if (!best || peer.currentWeight > best.currentWeight) best = peer;
  }
  if (!best) return undefined;
  best.currentWeight -= total;
  if (choice.now - best.checked > best.failTimeout) best.checked = choice.now;
  return best;
}

/** The fewest connections for their weight; several equals take turns. */
function leastConnections(peers: readonly Peer[], choice: Choice, single: boolean): Peer | undefined {
  const usable = peers.filter((peer) => isUsable(peer, choice, single));
  const least = Math.min(...usable.map((peer) => peer.connections / peer.weight));
  return roundRobin(
    usable.filter((peer) => peer.connections / peer.weight === least),
    choice,
    single,
  );
}

/** The part of a client's address that `ip_hash` looks at: three octets of IPv4, all of IPv6. */
function clientKey(client: IP): string {
  return typeof client === 'bigint' ? formatIP(client) : String(client >>> 8);
}

/** The same key gives the same peer as long as it lives; which one a key gives is ours. */
function hashed(peers: readonly Peer[], key: string, choice: Choice, single: boolean): Peer | undefined {
  const total = peers.reduce((sum, peer) => sum + peer.weight, 0);
  for (let attempt = 0; attempt < 20 && total > 0; attempt++) {
    let at = hash(`${attempt === 0 ? '' : attempt}${key}`) % total;
    const peer = peers.find((candidate) => {
      at -= candidate.weight;
      return at < 0;
    });
    if (peer && isUsable(peer, choice, single)) return peer;
  }
  return roundRobin(peers, choice, single);
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193);
  return value >>> 0;
}

/** Notes how a try went (ngx_http_upstream_free_round_robin_peer). @returns whether the peer has just been disabled */
export function settlePeer(upstream: UpstreamDefinition, peer: Peer, failed: boolean, now: Micros): boolean {
  peer.connections--;
  if (upstream.peers.length === 1) return false;
  if (!failed) {
    if (peer.accessed < peer.checked) peer.fails = 0;
    return false;
  }
  peer.fails++;
  peer.accessed = now;
  peer.checked = now;
  if (peer.maxFails === 0) return false;
  peer.effectiveWeight = Math.max(0, peer.effectiveWeight - Math.floor(peer.weight / peer.maxFails));
  return peer.fails >= peer.maxFails;
}
