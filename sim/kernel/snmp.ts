/**
 * What the kernel counts of its protocols (RFC 4293 and others, /proc/net/snmp and /proc/net/netstat): plain numbers that the code on
 * the way adds to, under the kernel's names and in its order (net/ipv4/proc.c). What this stack has no event for stays 0, as it would
 * on a kernel that never sees one.
 */
const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;

export class Counters {
  readonly ip = zeros([
    ...(['InReceives', 'InHdrErrors', 'InAddrErrors', 'ForwDatagrams', 'InUnknownProtos', 'InDiscards', 'InDelivers'] as const),
    ...(['OutRequests', 'OutDiscards', 'OutNoRoutes', 'ReasmTimeout', 'ReasmReqds', 'ReasmOKs', 'ReasmFails'] as const),
    ...(['FragOKs', 'FragFails', 'FragCreates', 'OutTransmits'] as const),
  ]);
  readonly icmp = zeros(['InMsgs', 'InErrors', 'InCsumErrors', 'OutMsgs', 'OutErrors', 'OutRateLimitGlobal', 'OutRateLimitHost']);
  /** ICMP messages by type; most namespaces never see one. */
  get icmpIn(): Map<number, number> {
    this.#icmpIn ??= new Map();
    return this.#icmpIn;
  }
  get icmpOut(): Map<number, number> {
    this.#icmpOut ??= new Map();
    return this.#icmpOut;
  }
  #icmpIn: Map<number, number> | undefined;
  #icmpOut: Map<number, number> | undefined;
  readonly tcp = zeros([
    ...(['ActiveOpens', 'PassiveOpens', 'AttemptFails', 'EstabResets', 'InSegs', 'OutSegs', 'RetransSegs', 'InErrs'] as const),
    ...(['OutRsts', 'InCsumErrors'] as const),
  ]);
  readonly tcpExt: Record<string, number> = {};
  readonly udp = udpCounters();
  readonly ipExt = zeros([
    ...(['InNoRoutes', 'InTruncatedPkts', 'InMcastPkts', 'OutMcastPkts', 'InBcastPkts', 'OutBcastPkts', 'InOctets'] as const),
    ...(['OutOctets', 'InMcastOctets', 'OutMcastOctets', 'InBcastOctets', 'OutBcastOctets', 'InCsumErrors'] as const),
    ...(['InNoECTPkts', 'InECT1Pkts', 'InECT0Pkts', 'InCEPkts', 'ReasmOverlaps'] as const),
  ]);
  readonly ip6 = zeros([
    ...(['InReceives', 'InHdrErrors', 'InTooBigErrors', 'InNoRoutes', 'InAddrErrors', 'InUnknownProtos', 'InTruncatedPkts'] as const),
    ...(['InDiscards', 'InDelivers', 'OutForwDatagrams', 'OutRequests', 'OutDiscards', 'OutNoRoutes', 'ReasmTimeout'] as const),
    ...(['ReasmReqds', 'ReasmOKs', 'ReasmFails', 'FragOKs', 'FragFails', 'FragCreates', 'InMcastPkts', 'OutMcastPkts'] as const),
    ...(['InOctets', 'OutOctets', 'InMcastOctets', 'OutMcastOctets', 'InBcastOctets', 'OutBcastOctets', 'InNoECTPkts'] as const),
    ...(['InECT1Pkts', 'InECT0Pkts', 'InCEPkts', 'OutTransmits'] as const),
  ]);
  readonly icmp6 = zeros(['InMsgs', 'InErrors', 'OutMsgs', 'OutErrors', 'InCsumErrors', 'OutRateLimitHost']);
  get icmp6In(): Map<number, number> {
    this.#icmp6In ??= new Map();
    return this.#icmp6In;
  }
  get icmp6Out(): Map<number, number> {
    this.#icmp6Out ??= new Map();
    return this.#icmp6Out;
  }
  #icmp6In: Map<number, number> | undefined;
  #icmp6Out: Map<number, number> | undefined;
  readonly udp6 = udpCounters();

  /** A counter of TCP's details (LINUX_MIB_TCP…). */
  countTcp(name: string): void {
    this.tcpExt[name] = (this.tcpExt[name] ?? 0) + 1;
  }
}

function udpCounters() {
  return zeros([
    ...(['InDatagrams', 'NoPorts', 'InErrors', 'OutDatagrams', 'RcvbufErrors', 'SndbufErrors', 'InCsumErrors'] as const),
    ...(['IgnoredMulti', 'MemErrors'] as const),
  ]);
}

/** Adds one to a type's count. */
export function countType(counts: Map<number, number>, type: number): void {
  counts.set(type, (counts.get(type) ?? 0) + 1);
}
