import type { Prefix } from '../../base/address.ts';

/** A published port: what reaches `hostAddress:hostPort` goes to `containerPort` of the endpoint. */
export interface PortMapping {
  protocol: 'tcp' | 'udp' | 'sctp';
  /** `0.0.0.0` and `::` mean every address of the host. */
  hostAddress: string;
  hostPort: number;
  containerPort: number;
}

/** What the rules of a bridge network depend on. */
export interface BridgeRules {
  bridge: string;
  subnet: Prefix;
  /** `--internal`: nothing in or out. */
  internal: boolean;
  /** com.docker.network.bridge.enable_icc */
  interContainer: boolean;
  /** com.docker.network.bridge.enable_ip_masquerade */
  masquerade: boolean;
}

/**
 * Everything that the bridge driver wants from netfilter, and the only place where it asks. An implementation writes rules as
 * iptables-restore text through the host's codec, as the real driver runs `iptables`. While the kernel has no netfilter there
 * is no implementation, the Engine runs as dockerd with `--iptables=false` does, and publishing a port is refused by name.
 */
export interface Firewall {
  /** The chains DOCKER, DOCKER-USER, DOCKER-FORWARD … and the jumps to them. */
  start(): void;
  addBridge(rules: BridgeRules): void;
  removeBridge(rules: BridgeRules): void;
  /** The drop of direct access to a container's address (table raw), and its published ports. */
  addEndpoint(rules: BridgeRules, address: Prefix, ports: readonly PortMapping[]): void;
  removeEndpoint(rules: BridgeRules, address: Prefix, ports: readonly PortMapping[]): void;
}
