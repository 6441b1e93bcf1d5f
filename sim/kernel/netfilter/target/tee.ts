import { formatIP, type IP, parseIPv4, parseIPv6 } from '../../../base/address.ts';
import { be16, setBe16 } from '../../../wire/endian.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { localOut } from '../../ipv4/output.ts';
import { routeOutput } from '../../ipv4/route.ts';
import { localOut6 } from '../../ipv6/output.ts';
import { routeOutput6 } from '../../ipv6/route.ts';
import type { Skb } from '../../skb.ts';
import { UNTRACKED } from '../conntrack/connection.ts';
import type { HookState } from '../hooks.ts';
import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Tee {
  gateway: IP;
  output: string | undefined;
}

/** A copy must not be copied again on its way out. */
let copying = false;

/** TEE: sends a copy by another gateway (net/netfilter/xt_TEE.c, nf_dup_ipv4.c). */
export const tee: TargetExtension<Tee> = {
  name: 'TEE',
  options: [{ name: 'gateway', mandatory: true }, { name: 'oif' }],
  parse(given, { family }) {
    const text = given.value('gateway') as string;
    const gateway = (family === 4 ? parseIPv4 : parseIPv6)(text);
    return gateway === undefined ? problem('getaddrinfo: Temporary failure in name resolution') : { gateway, output: given.value('oif') };
  },
  check: ({ gateway }) => (gateway === 0 || gateway === 0n ? 'EINVAL' : undefined),
  save: ({ gateway, output }) => ` --gateway ${formatIP(gateway)}${output === undefined ? '' : ` --oif ${output}`}`,
  list: ({ gateway, output }) => ` TEE gw:${formatIP(gateway)}${output === undefined ? '' : ` oif=${output}`}`,
  evaluate(data, skb, state) {
    if (copying) return 'continue';
    copying = true;
    const copy = skb.clone();
    copy.conntrack = UNTRACKED;
    copy.traced = -1;
    if (state.family === 4) send(copy, data, state);
    else send6(copy, data, state);
    copying = false;
    return 'continue';
  },
};

/** The copies of what comes in have come a hop further. */
const ages = ({ hook }: HookState): boolean => hook === 'PREROUTING' || hook === 'INPUT';

function send(copy: Skb, { gateway, output }: Tee, state: HookState): void {
  const { net } = state;
  const { bytes, network } = copy;
  const oif = output === undefined ? 0 : (net.deviceByName(output)?.ifindex ?? 0);
  if (output !== undefined && oif === 0) return;
  const tos = ip.tos(bytes, network) & 0xfc;
  const way = routeOutput(net.ipv4, { destination: gateway as number, source: 0, iif: 0, oif, mark: 0, tos });
  if (typeof way === 'string') return;
  setBe16(bytes, network + 6, be16(bytes, network + 6) | 0x4000);
  if (ages(state)) ip.setTtl(bytes, network, ip.ttl(bytes, network) - 1);
  ip.setChecksum(bytes, network, 0);
  ip.fillChecksum(bytes, network);
  copy.data = network;
  localOut(net, copy, { ...way, gateway: way.gateway ?? (gateway as number) });
}

function send6(copy: Skb, { gateway, output }: Tee, state: HookState): void {
  const { net } = state;
  const { bytes, network } = copy;
  const oif = output === undefined ? 0 : (net.deviceByName(output)?.ifindex ?? 0);
  if (output !== undefined && oif === 0) return;
  const way = routeOutput6(net.ipv6, { destination: gateway as bigint, source: 0n, iif: 0, oif, mark: 0 });
  if (typeof way === 'string') return;
  if (ages(state)) ip6.setHopLimit(bytes, network, ip6.hopLimit(bytes, network) - 1);
  copy.data = network;
  localOut6(net, copy, { ...way, gateway: way.gateway ?? (gateway as bigint) }, false);
}
