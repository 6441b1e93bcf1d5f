import { SECOND } from '../../base/time.ts';
import type { IPv4 } from '../../base/address.ts';

/** A burst of ICMP errors to one peer may be this many times the sustained rate (net/ipv4/inetpeer.c). */
const XRLIM_BURST_FACTOR = 6;
/** ip_rt_error_cost and ip_rt_error_burst: one unreachable a second, five in a row. */
const ERROR_COST = SECOND;
const ERROR_BURST = 5 * SECOND;

interface Peer {
  tokens: number;
  last: number;
  /** Redirects sent, without effect as it seems. */
  redirects: number;
}

/** What this host remembers of addresses it talks to: the token buckets that limit ICMP errors (struct inet_peer). */
export class Peers {
  readonly #peers = new Map<IPv4, Peer>();
  #globalTokens = 0;
  #globalLast = -SECOND;
  readonly #clock: { readonly now: number };

  constructor(clock: { readonly now: number }) {
    this.#clock = clock;
  }

  /**
   * Takes a token for an ICMP error to `address` (inet_peer_xrlim_allow).
   * @param interval net.ipv4.icmp_ratelimit in microseconds; 0 means no limit, and empties the bucket for routing errors
   */
  allowIcmp(address: IPv4, interval: number): boolean {
    const peer = this.#get(address);
    this.#refill(peer, XRLIM_BURST_FACTOR * interval);
    if (peer.tokens < interval) return false;
    peer.tokens -= interval;
    return true;
  }

  /** Takes one of the tokens for ICMP errors to all peers together (icmp_global_allow): so many a second, in bursts of so many. */
  allowGlobal({ icmp_msgs_per_sec, icmp_msgs_burst }: { icmp_msgs_per_sec: number; icmp_msgs_burst: number }): boolean {
    const now = this.#clock.now;
    const gained = Math.floor((icmp_msgs_per_sec * Math.min(now - this.#globalLast, SECOND)) / SECOND);
    if (now - this.#globalLast >= SECOND / 50 && gained > 0) {
      this.#globalTokens = Math.min(this.#globalTokens + gained, icmp_msgs_burst);
      this.#globalLast = now;
    }
    if (this.#globalTokens <= 0) return false;
    this.#globalTokens--;
    return true;
  }

  /** Takes a token for a routing error to `address` (ip_error). Shares the bucket with `allowIcmp`, as Linux does. */
  allowRouteError(address: IPv4): boolean {
    const peer = this.#get(address);
    this.#refill(peer, ERROR_BURST);
    if (peer.tokens < ERROR_COST) return false;
    peer.tokens -= ERROR_COST;
    return true;
  }

  /** At most nine redirects, each waiting twice as long as the one before, from 20 ms on (ip_rt_send_redirect). The clock is that of `allowIcmp`. */
  allowRedirect(address: IPv4): boolean {
    const peer = this.#get(address);
    const now = this.#clock.now;
    if (now - peer.last > 20_480_000) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= 9) {
      peer.last = now;
      return false;
    }
    if (peer.redirects > 0 && now - peer.last <= 20_000 * 2 ** peer.redirects) return false;
    peer.last = now;
    peer.redirects++;
    return true;
  }

  #refill(peer: Peer, most: number): void {
    const now = this.#clock.now;
    peer.tokens = Math.min(peer.tokens + now - peer.last, most);
    peer.last = now;
  }

  #get(address: IPv4): Peer {
    let peer = this.#peers.get(address);
    if (!peer) {
      // A new peer looks as if it had been silent for a minute (inet_getpeer).
      peer = { tokens: 0, last: this.#clock.now - 60 * SECOND, redirects: 0 };
      this.#peers.set(address, peer);
    }
    return peer;
  }
}
