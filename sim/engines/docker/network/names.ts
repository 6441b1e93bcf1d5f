import { formatIP, type IP } from '../../../base/address.ts';
import type { Container } from '../container/container.ts';
import type { EndpointSettings } from '../container/settings.ts';
import type { Engine } from '../engine.ts';
import type { Endpoint, Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';

/** Under what a user-defined network knows a container: its name, aliases, short id, and its hostname when that is its own. */
export function dnsNames(container: Container, settings: EndpointSettings | undefined): string[] {
  const names = [container.name, ...(settings?.Aliases ?? []), container.shortId];
  if (container.config.Hostname !== container.shortId) names.push(container.config.Hostname);
  return [...new Set(names)];
}

/** Networks whose containers find each other by name: all but the three that are always there. */
export function hasNames(network: Network): boolean {
  return !network.predefined && network.name !== 'docker_gwbridge';
}

/**
 * A name's addresses as a container sees them: on each of its networks, first its own links, then what the network knows. `NAME.NETWORK`
 * asks one network alone (sandbox.go `ResolveName`).
 *
 * @param name in lower case, without a dot at the end
 */
export function addressesOfName(engine: Engine, sandbox: Sandbox, name: string, family: 4 | 6): IP[] {
  for (const [part, networkName] of splits(name)) {
    const endpoints = sandbox.endpoints.filter(({ network }) => hasNames(network) && (networkName === '' || network.name === networkName));
    for (const find of [linked, known]) {
      for (const endpoint of endpoints) {
        const found = find(engine, endpoint, part).map((other) => (family === 4 ? other.address : other.address6)?.address);
        const addresses = found.filter((address): address is NonNullable<typeof address> => address !== undefined);
        if (addresses.length > 0) return addresses;
      }
    }
    for (const { network } of endpoints) {
      const addresses = network.overlay?.resolve(part, family) ?? [];
      if (addresses.length > 0) return addresses;
    }
  }
  return [];
}

/** The whole name, then what stands before each of its dots with the network's name behind it. */
function splits(name: string): [string, string][] {
  const pairs: [string, string][] = [[name, '']];
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) pairs.push([name.slice(0, at), name.slice(at + 1)]);
  return pairs;
}

/** `--link NAME:ALIAS` on a user-defined network: a name that only this container has for another. */
function linked(engine: Engine, endpoint: Endpoint, name: string): Endpoint[] {
  const links = endpoint.container.networks.get(endpoint.network.name)?.Links ?? [];
  return links.flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    if (alias.toLowerCase() !== name) return [];
    const container = engine.containers.named(target.replace(/^\//, ''));
    const other = container && endpoint.network.endpoints.get(container.id);
    return other ? [other] : [];
  });
}

function known(_engine: Engine, endpoint: Endpoint, name: string): Endpoint[] {
  const { network } = endpoint;
  return [...network.endpoints.values()].filter(
    ({ container, unlisted }) =>
      unlisted === undefined && dnsNames(container, container.networks.get(network.name)).some((own) => own.toLowerCase() === name),
  );
}

/** `NAME.NETWORK` of an address on one of the container's networks, from its reverse name. */
export function nameOfAddress(sandbox: Sandbox, reverseName: string): string | undefined {
  const address = addressOfReverseName(reverseName);
  if (address === undefined) return undefined;
  for (const { network } of sandbox.endpoints.filter((endpoint) => hasNames(endpoint.network))) {
    for (const endpoint of network.endpoints.values()) {
      const own = [endpoint.address, endpoint.address6].some((prefix) => prefix && formatIP(prefix.address) === address);
      if (own && endpoint.unlisted === undefined) return `${endpoint.container.name}.${network.name}`;
    }
    const elsewhere = network.overlay?.nameOf(address);
    if (elsewhere !== undefined) return `${elsewhere}.${network.name}`;
  }
  return undefined;
}

/** `2.0.17.172.in-addr.arpa` or the nibbles of ip6.arpa → the address's text. */
function addressOfReverseName(name: string): string | undefined {
  const four = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(name);
  if (four) return (four[1] as string).split('.').slice(0, 4).reverse().join('.');
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (!six) return undefined;
  const nibbles = (six[1] as string).replaceAll('.', '').split('').reverse().join('');
  return formatIP(BigInt(`0x${nibbles}`));
}
