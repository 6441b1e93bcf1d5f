import type { Engine } from '../engine.ts';
import { rulesOf } from '../network/bridge.ts';
import type { Endpoint } from '../network/network.ts';
import { conflict, invalid, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';

/** A link of the default bridge: `--link CHILD:ALIAS`. */
export interface Link {
  alias: string;
  child: Container;
  /** The child's place on the default bridge, while it runs. */
  endpoint: Endpoint | undefined;
}

/** A container's links to containers that still exist. */
export function linksOf(engine: Engine, parent: Container): Link[] {
  return [...parent.links].flatMap(([alias, child]) =>
    child.removed ? [] : [{ alias, child, endpoint: engine.networks.bridge?.endpoints.get(child.id) }],
  );
}

/** Who has a link to a container. */
export function parentsOf(engine: Engine, child: Container): Container[] {
  return engine.containers.list().filter((parent) => [...parent.links.values()].includes(child));
}

/** Reads `--link` at a container's creation on the default bridge. */
export function registerLinks(engine: Engine, container: Container, texts: readonly string[]): Refusal | undefined {
  const mode = container.hostConfig.NetworkMode;
  for (const text of texts) {
    const [name = '', alias = name] = text.split(':');
    const child = engine.containers.find(name);
    if (child instanceof Refusal) return invalid(`could not get container for ${name}: ${child.message}`);
    if (child.hostConfig.NetworkMode === 'host' || mode === 'host') {
      return invalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
    }
    container.links.set(alias.replace(/^.*\//, ''), child);
  }
  return undefined;
}

/** `HostConfig.Links` as `inspect` has it: `/child:/parent/alias`. */
export function describeLinks(parent: Container): string[] | null {
  const links = [...parent.links].filter(([, child]) => !child.removed);
  return links.length === 0 ? null : links.map(([alias, child]) => `/${child.name}:/${parent.name}/${alias}`);
}

/** At the start: every child must run; without communication between containers, rules let the exposed ports pass. */
export function openLinks(engine: Engine, parent: Container): Refusal | undefined {
  const own = engine.networks.bridge?.endpoints.get(parent.id);
  for (const { alias, child, endpoint } of linksOf(engine, parent)) {
    if (!child.running) return conflict(`Cannot link to a non running container: /${child.name} AS /${parent.name}/${alias}`);
    const rules = endpoint && rulesOf(endpoint.network)[4];
    if (!rules || rules.interContainer || !own?.address || !endpoint?.address) continue;
    engine.firewall?.addLink(rules.bridge, own.address.address, endpoint.address.address, Object.keys(child.config.ExposedPorts));
  }
  return undefined;
}

/** The variables that tell a container of those it is linked to (daemon/links). */
export function linkVariables(engine: Engine, parent: Container): string[] {
  return linksOf(engine, parent).flatMap(({ alias, child, endpoint }) => {
    const address = endpoint?.address;
    if (!address) return [];
    const prefix = alias.toUpperCase().replaceAll('-', '_');
    const text = [24, 16, 8, 0].map((shift) => (address.address >>> shift) & 255).join('.');
    return [
      ...portVariables(prefix, text, Object.keys(child.config.ExposedPorts)),
      `${prefix}_NAME=/${parent.name}/${alias}`,
      ...child.config.Env.filter((setting) => setting.includes('=') && !/^(HOME|PATH)=/.test(setting)).map(
        (setting) => `${prefix}_ENV_${setting}`,
      ),
    ];
  });
}

function portVariables(prefix: string, address: string, exposed: readonly string[]): string[] {
  const ports = exposed
    .map((text) => ({ port: Number(text.split('/')[0]), protocol: text.split('/')[1] ?? 'tcp' }))
    .sort((a, b) => Number(a.protocol !== 'tcp') - Number(b.protocol !== 'tcp') || a.port - b.port);
  const url = ({ port, protocol }: { port: number; protocol: string }): string => `${protocol}://${address}:${port}`;
  const [first] = ports;
  if (!first) return [];
  const named = (port: (typeof ports)[number]): string => `${prefix}_PORT_${port.port}_${port.protocol.toUpperCase()}`;
  const lines = [`${prefix}_PORT=${url(first)}`];
  for (const port of ports) {
    const name = named(port);
    lines.push(`${name}=${url(port)}`, `${name}_ADDR=${address}`, `${name}_PORT=${port.port}`, `${name}_PROTO=${port.protocol}`);
  }
  for (let at = 0; at < ports.length; at++) {
    const from = ports[at] as (typeof ports)[number];
    let end = at;
    while (ports[end + 1]?.port === (ports[end]?.port ?? 0) + 1 && ports[end + 1]?.protocol === from.protocol) end++;
    const to = ports[end] as (typeof ports)[number];
    if (end > at) {
      const name = named(from);
      lines.push(`${name}_START=${url(from)}`, `${name}_PORT_START=${from.port}`, `${name}_END=${url(to)}`, `${name}_PORT_END=${to.port}`);
    }
    at = end;
  }
  return lines;
}
