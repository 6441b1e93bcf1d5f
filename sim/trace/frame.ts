import { dissectData, dissectDns, dissectHttp } from './application-layers.ts';
import { dissectIcmp, dissectIcmpv6, dissectIgmp } from './control-layers.ts';
import { dissectExtension, dissectFragment, dissectIpv4, dissectIpv6 } from './internet-layers.ts';
import type { Dissector, Kind, Layer, Span } from './layer.ts';
import { arp, ethernet, ipSpan, llc, stp, vlan } from './link-layers.ts';
import type { Start } from './summarise.ts';
import { dissectTcp, dissectUdp, dissectVxlan, dissectWireguard } from './transport-layers.ts';

export type { Field, Layer } from './layer.ts';

const DISSECTORS: Readonly<Record<Kind, Dissector>> = {
  ethernet,
  vlan,
  llc,
  stp,
  arp,
  ipv4: dissectIpv4,
  ipv6: dissectIpv6,
  extension: dissectExtension,
  fragment: dissectFragment,
  icmp: dissectIcmp,
  icmpv6: dissectIcmpv6,
  igmp: dissectIgmp,
  tcp: dissectTcp,
  udp: dissectUdp,
  vxlan: dissectVxlan,
  wireguard: dissectWireguard,
  dns: dissectDns,
  http: dissectHttp,
  data: dissectData,
};

/** Tunnels and quotes nest no deeper than this; a frame made to nest for ever ends as data. */
const MAX_LAYERS = 64;

/**
 * Takes a frame apart for packet views: its layers from the outside in, tunnelled frames with a higher `level`, quoted packets under the
 * ICMP error that quotes them. Never throws; what is malformed says so on its layer.
 */
export function dissect(frame: Uint8Array, start: Start = 'ethernet'): Layer[] {
  const span = { at: 0, end: frame.length, level: 0, quoted: false };
  return layersOf(frame, start === 'ip' ? ipSpan(frame, span) : { ...span, kind: 'ethernet' }, MAX_LAYERS);
}

function layersOf(b: Uint8Array, first: Span, budget: number): Layer[] {
  const layers: Layer[] = [];
  let span: Span | undefined = first;
  while (span && (span.at < span.end || layers.length === 0)) {
    const last = layers.length + 1 >= budget;
    const { layer, next, quote } = DISSECTORS[last ? 'data' : span.kind](b, span);
    layers.push(layer);
    if (quote) layer.quote = layersOf(b, quote, budget - layers.length);
    span = last ? undefined : next;
  }
  return layers;
}
