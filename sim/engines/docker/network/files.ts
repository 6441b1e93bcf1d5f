import { formatIP } from '../../../base/address.ts';
import { encode } from '../../../base/bytes.ts';
import type { Container } from '../container/container.ts';
import { linksOf } from '../container/links.ts';
import type { Engine } from '../engine.ts';
import { containerHosts, extraHost, type HostsEntry } from './hosts-file.ts';
import { hasNames } from './names.ts';
import { containerResolvConf, externalServers } from './resolv-conf.ts';
import { Resolver } from './resolver.ts';

/** Writes /etc/hosts and /etc/resolv.conf as they follow from the networks a container is on, and starts its DNS server. */
export function writeNetworkFiles(engine: Engine, container: Container): void {
  const { hostConfig, files, sandbox } = container;
  const hostText = engine.hostFile('/etc/resolv.conf');
  const overrides = { nameservers: hostConfig.Dns, search: hostConfig.DnsSearch, options: hostConfig.DnsOptions };
  if (hostConfig.NetworkMode === 'host') {
    const extra = extraHosts(engine, container);
    files.hosts.bytes = encode(extra.length > 0 ? containerHosts(extra, []) : engine.hostFile('/etc/hosts'));
    files.resolvConf.bytes = encode(containerResolvConf(hostText, overrides, 'host'));
    return;
  }
  writeHosts(engine, container);
  if (sandbox && !sandbox.resolver && sandbox.endpoints.some(({ network }) => hasNames(network))) {
    sandbox.resolver = new Resolver(engine, sandbox);
  }
  if (sandbox?.resolver) sandbox.resolver.external = externalServers(hostText, overrides);
  files.resolvConf.bytes = encode(containerResolvConf(hostText, overrides, sandbox?.resolver ? 'internal' : 'legacy'));
}

export function writeHosts(engine: Engine, container: Container): void {
  const { config, files, sandbox } = container;
  const [short = ''] = config.Hostname.split('.');
  const qualified = config.Domainname === '' ? config.Hostname : `${config.Hostname}.${config.Domainname}`;
  const names = qualified === short ? short : `${qualified} ${short}`;
  const listed = (sandbox?.endpoints ?? []).filter(({ unlisted }) => unlisted === undefined);
  const own = listed.flatMap(({ address, address6 }) =>
    [address, address6].flatMap((prefix) => (prefix ? [{ address: formatIP(prefix.address), names }] : [])),
  );
  files.hosts.bytes = encode(containerHosts([...extraHosts(engine, container), ...linkedHosts(engine, container)], own));
}

function extraHosts(engine: Engine, { hostConfig }: Container): HostsEntry[] {
  const gateway = engine.networks.bridge?.ipam?.gateway ?? 0;
  return (hostConfig.ExtraHosts ?? []).map((text) => extraHost(text, formatIP(gateway)));
}

/** What links of the default bridge leave in the file: the alias, the other's hostname and its name. */
function linkedHosts(engine: Engine, container: Container): HostsEntry[] {
  return linksOf(engine, container)
    .sort((a, b) => (a.alias < b.alias ? -1 : 1))
    .flatMap(({ alias, child, endpoint }) => {
      if (!endpoint?.address) return [];
      const names = [...new Set([alias, child.config.Hostname, child.name])];
      return [{ address: formatIP(endpoint.address.address), names: names.join(' ') }];
    });
}
