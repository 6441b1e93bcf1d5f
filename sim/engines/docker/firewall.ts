import { formatIP, formatPrefix, type IP, type Prefix } from '../../base/address.ts';
import { ensureAppended, ensureDeleted, ensureInserted, iptables } from '../../host/iptables/iptables.ts';
import type { NetNamespace } from '../../kernel/netns.ts';

/** com.docker.network.bridge.gateway_mode_ipv4 and _ipv6. */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

/** What the rules of a bridge network depend on, for one family. */
export interface BridgeRules {
  bridge: string;
  subnet: Prefix;
  /** `--internal`: nothing in or out. */
  internal: boolean;
  /** com.docker.network.bridge.enable_icc */
  interContainer: boolean;
  /** com.docker.network.bridge.enable_ip_masquerade */
  masquerade: boolean;
  mode: GatewayMode;
  /** com.docker.network.host_ipv4: the address that containers' packets leave with. */
  hostAddress?: IP;
  /** com.docker.network.bridge.trusted_host_interfaces: from there containers may be reached directly. */
  trusted: readonly string[];
}

/** A port of a container that is open to the outside. */
export interface OpenPort {
  protocol: string;
  containerAddress: IP;
  containerPort: number;
  /** Where it is published; absent when it is only opened (gateway mode `routed`). The family's wildcard means every address. */
  host?: { address: IP; port: number };
}

/** A rule as the driver hands it to `iptables`; `what` is its name in messages. */
interface Rule {
  what: string;
  table: 'filter' | 'nat' | 'raw';
  chain: string;
  rule: string;
  insert?: true;
}

/** Why a rule could not be written, as the daemon puts it. */
export type RuleFailure = string;

const CHAINS = ['DOCKER', 'DOCKER-FORWARD', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2'];

/**
 * Everything that the bridge driver wants from netfilter (daemon/libnetwork/drivers/bridge/internal/iptabler, 28.5), written as
 * `iptables` and `ip6tables` commands. Rules that somebody else took away are missing until their network or port is made anew.
 */
export class Firewall {
  readonly #net: NetNamespace;

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  /** The chains and the jumps to them, for both families. */
  start(): void {
    for (const family of [4, 6] as const) {
      for (const chain of [...CHAINS, 'DOCKER-USER']) iptables(this.#net, `-t filter -N ${chain}`, family);
      iptables(this.#net, '-t nat -N DOCKER', family);
      const loopback = family === 4 ? '127.0.0.0/8' : '::1/128';
      ensureAppended(this.#net, 'nat', 'PREROUTING -m addrtype --dst-type LOCAL -j DOCKER', family);
      ensureAppended(this.#net, 'nat', `OUTPUT -m addrtype --dst-type LOCAL -j DOCKER ! --dst ${loopback}`, family);
      for (const chain of ['CT', 'ISOLATION-STAGE-1', 'BRIDGE'])
        ensureAppended(this.#net, 'filter', `DOCKER-FORWARD -j DOCKER-${chain}`, family);
      ensureInserted(this.#net, 'filter', 'FORWARD -j DOCKER-FORWARD', family);
      ensureInserted(this.#net, 'filter', 'FORWARD -j DOCKER-USER', family);
    }
  }

  /** The Engine has switched forwarding on: what nobody allows is not to pass. */
  dropForwarded(family: 4 | 6): void {
    iptables(this.#net, '-t filter -P FORWARD DROP', family);
  }

  addBridge(rules: BridgeRules): RuleFailure | undefined {
    return this.#add(bridgeRules(rules), familyOf(rules.subnet.address));
  }

  removeBridge(rules: BridgeRules): void {
    this.#remove(bridgeRules(rules), familyOf(rules.subnet.address));
  }

  /** Nobody reaches a container's address but through its own bridge. */
  addEndpoint(rules: BridgeRules, address: IP): RuleFailure | undefined {
    return this.#add(endpointRules(rules, address), familyOf(address));
  }

  removeEndpoint(rules: BridgeRules, address: IP): void {
    this.#remove(endpointRules(rules, address), familyOf(address));
  }

  openPort(rules: BridgeRules, port: OpenPort): RuleFailure | undefined {
    return this.#add(portRules(rules, port), familyOf(port.containerAddress));
  }

  closePort(rules: BridgeRules, port: OpenPort): void {
    this.#remove(portRules(rules, port), familyOf(port.containerAddress));
  }

  /** Links on a network without communication between containers: one may reach the other's exposed ports. */
  addLink(bridge: string, parent: IP, child: IP, ports: readonly string[]): void {
    this.#add(linkRules(bridge, parent, child, ports), familyOf(child));
  }

  removeLink(bridge: string, parent: IP, child: IP, ports: readonly string[]): void {
    this.#remove(linkRules(bridge, parent, child, ports), familyOf(child));
  }

  #add(rules: readonly Rule[], family: 4 | 6): RuleFailure | undefined {
    for (const { what, table, chain, rule, insert } of rules) {
      const ensure = insert ? ensureInserted : ensureAppended;
      const failed = ensure(this.#net, table, `${chain} ${rule}`, family);
      if (!failed) continue;
      const program = family === 4 ? 'iptables' : 'ip6tables';
      const command = `${program} --wait -t ${table} -${insert ? 'I' : 'A'} ${chain} ${rule}`;
      return `Unable to enable ${what} rule:  (iptables failed: ${command}: ${program}: ${failed.message}\n (exit status 1))`;
    }
    return undefined;
  }

  #remove(rules: readonly Rule[], family: 4 | 6): void {
    for (const { table, chain, rule } of rules) ensureDeleted(this.#net, table, `${chain} ${rule}`, family);
  }
}

function familyOf(address: IP): 4 | 6 {
  return typeof address === 'bigint' ? 6 : 4;
}

function filter(what: string, chain: string, rule: string, insert?: true): Rule {
  return { what, table: 'filter', chain, rule, ...(insert ? { insert } : {}) };
}

/** The rules of a network (iptabler/network.go). */
function bridgeRules(rules: BridgeRules): Rule[] {
  return rules.internal ? internalRules(rules) : [...natRules(rules), ...forwardingRules(rules), ...isolationRules(rules)];
}

function internalRules({ bridge, subnet, interContainer }: BridgeRules): Rule[] {
  // Link-local IPv6 traffic never leaves the bridge, and must pass there.
  const [inward, outward] = familyOf(subnet.address) === 6 ? [`! -i ${bridge} `, `! -o ${bridge} `] : ['', ''];
  return [
    filter(
      interContainer ? 'ACCEPT INTERNAL' : 'DROP INTERNAL',
      'DOCKER-FORWARD',
      `-i ${bridge} -o ${bridge} -j ${interContainer ? 'ACCEPT' : 'DROP'}`,
    ),
    filter('INTERNAL OUT', 'DOCKER-ISOLATION-STAGE-1', `-i ${bridge} ${outward}! -d ${formatPrefix(subnet)} -j DROP`, true),
    filter('INTERNAL IN', 'DOCKER-ISOLATION-STAGE-1', `${inward}-o ${bridge} ! -s ${formatPrefix(subnet)} -j DROP`, true),
  ];
}

function natRules({ bridge, subnet, masquerade, mode, hostAddress }: BridgeRules): Rule[] {
  if (!masquerade) return [];
  const skip: Rule = { what: 'SKIP DNAT', table: 'nat', chain: 'DOCKER', rule: `-i ${bridge} -j RETURN`, insert: true };
  if (mode === 'routed') return [skip];
  const target = hostAddress === undefined ? 'MASQUERADE' : `SNAT --to-source ${formatIP(hostAddress)}`;
  const rule = `-s ${formatPrefix(subnet)} ! -o ${bridge} -j ${target}`;
  return [{ what: 'NAT', table: 'nat', chain: 'POSTROUTING', rule, insert: true }, skip];
}

function forwardingRules({ bridge, subnet, interContainer, mode }: BridgeRules): Rule[] {
  const icmp = familyOf(subnet.address) === 4 ? 'icmp' : 'ipv6-icmp';
  return [
    ...(interContainer
      ? [filter('ACCEPT OUTGOING', 'DOCKER-FORWARD', `-i ${bridge} -j ACCEPT`)]
      : [
          filter('DROP ICC', 'DOCKER-FORWARD', `-i ${bridge} -o ${bridge} -j DROP`),
          filter('ACCEPT OUTGOING', 'DOCKER-FORWARD', `-i ${bridge} ! -o ${bridge} -j ACCEPT`),
        ]),
    ...(mode === 'routed' ? [filter('ICMP', 'DOCKER', `-o ${bridge} -p ${icmp} -j ACCEPT`)] : []),
    filter('DEFAULT', 'DOCKER', `! -i ${bridge} -o ${bridge} -j ${mode === 'nat-unprotected' ? 'ACCEPT' : 'DROP'}`),
    filter('JUMP', 'DOCKER-BRIDGE', `-o ${bridge} -j DOCKER`),
    filter('CT', 'DOCKER-CT', `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
  ];
}

/** What leaves one bridge does not enter another; a routed network takes no part in that. */
function isolationRules({ bridge, mode }: BridgeRules): Rule[] {
  const one = 'DOCKER-ISOLATION-STAGE-1';
  return [
    ...(mode === 'routed'
      ? [
          filter('ISOLATION ROUTED', one, `-o ${bridge} -j RETURN`, true),
          filter('ISOLATION ROUTED', one, `-i ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`, true),
        ]
      : []),
    filter('ISOLATION', one, `-i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`),
    filter('ISOLATION', 'DOCKER-ISOLATION-STAGE-2', `-o ${bridge} -j DROP`, true),
  ];
}

/** The rules of a container's address (iptabler/endpoint.go). */
function endpointRules({ bridge, internal, mode, trusted }: BridgeRules, address: IP): Rule[] {
  if (internal || mode !== 'nat') return [];
  const to = `-d ${formatIP(address)}`;
  const raw = (rule: string): Rule => ({ what: 'DIRECT ACCESS FILTERING', table: 'raw', chain: 'PREROUTING', rule });
  return [...trusted.map((name) => raw(`${to} -i ${name} -j ACCEPT`)), raw(`${to} ! -i ${bridge} -j DROP`)];
}

/** The rules of a published port (iptabler/port.go). */
function portRules({ bridge, mode }: BridgeRules, port: OpenPort): Rule[] {
  const { protocol, containerAddress, containerPort, host } = port;
  const rules: Rule[] = [];
  if (host) rules.push(dnatRule(bridge, port, host));
  if (mode !== 'nat-unprotected') {
    const rule = `! -i ${bridge} -o ${bridge} -p ${protocol} -d ${formatIP(containerAddress)} --dport ${containerPort} -j ACCEPT`;
    rules.push(filter('OPEN PORT', 'DOCKER', rule, true));
  }
  // Nobody but the host itself reaches what is published on its loopback, even if a neighbour routes it here.
  if (host && typeof host.address === 'number' && host.address >>> 24 === 127) {
    const rule = `-p ${protocol} -d ${formatIP(host.address)} --dport ${host.port} ! -i lo -j DROP`;
    rules.push({ what: 'LOOPBACK FILTERING POLICY', table: 'raw', chain: 'PREROUTING', rule });
  }
  return rules;
}

function dnatRule(bridge: string, port: OpenPort, host: { address: IP; port: number }): Rule {
  const six = typeof port.containerAddress === 'bigint';
  const any = host.address === 0 || host.address === 0n;
  const to = formatIP(port.containerAddress);
  const destination = any ? '' : ` -d ${formatIP(host.address)}`;
  const rule = `-p ${port.protocol}${destination} --dport ${host.port} -j DNAT --to-destination ${six ? `[${to}]` : to}:${port.containerPort} ! -i ${bridge}${six ? ' ! -s fe80::/10' : ''}`;
  return { what: 'DNAT', table: 'nat', chain: 'DOCKER', rule };
}

/** @param ports as `5432/tcp` */
function linkRules(bridge: string, parent: IP, child: IP, ports: readonly string[]): Rule[] {
  const [from, to] = [formatIP(parent), formatIP(child)];
  return ports.flatMap((text) => {
    const [port, protocol] = text.split('/');
    const both = `-i ${bridge} -o ${bridge} -p ${protocol}`;
    return [
      filter('LINK', 'DOCKER', `${both} -s ${from} -d ${to} --dport ${port} -j ACCEPT`, true),
      filter('LINK', 'DOCKER', `${both} -s ${to} -d ${from} --sport ${port} -j ACCEPT`, true),
    ];
  });
}
