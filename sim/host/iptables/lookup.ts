import type { IP } from '../../base/address.ts';
import type { Names } from '../../kernel/netfilter/options.ts';

/** Names that rules may use and listings show. Commands take them from a machine's files; engines need none. */
export interface Lookup extends Names {
  protocol(name: string): number | undefined;
  protocolName(protocol: number): string | undefined;
  /** Addresses of a host. */
  host(name: string, family: 4 | 6): readonly IP[];
  hostName(address: IP): string | undefined;
}

/** Knows no names: what is not a number is not found. */
export const NO_NAMES: Lookup = {
  port: () => undefined,
  portName: () => undefined,
  user: () => undefined,
  userName: () => undefined,
  group: () => undefined,
  groupName: () => undefined,
  protocol: () => undefined,
  protocolName: () => undefined,
  host: () => [],
  hostName: () => undefined,
  labels: () => undefined,
  connlabels: () => undefined,
};
