import { encode } from '../../base/bytes.ts';
import type { Host } from '../../host/host.ts';
import { RegularFile } from '../../host/inode.ts';
import { configureGateway, connect } from '../lan.ts';
import { netlinkOf, setUp } from '../machine.ts';
import type { Builder, Scenario } from '../scenario.ts';

/** A server that is configured and that nobody answers for, as on the machine of the recordings. */
function nameServer(host: Host): void {
  const found = host.init.namespaces.mnt.resolve(host.init, '/etc/resolv.conf');
  if (typeof found !== 'string' && found.inode instanceof RegularFile) found.inode.bytes = encode('nameserver 10.255.255.53\n');
}

/** Hosts on one LAN, each at 192.168.50.N/24 with N from 11 on; a gateway at .1 leads outside. */
export function lanHosts(builder: Builder, names: readonly string[]): Host[] {
  const gateway = builder.outside('lan');
  configureGateway(gateway);
  return names.map((name, index) => {
    const host = builder.host(name);
    nameServer(host);
    setUp(netlinkOf(host.kernel), 'lo');
    connect(gateway, host.kernel, `192.168.50.${11 + index}/24`);
    return host;
  });
}

/** Two machines on a LAN. */
export const lan: Scenario = {
  name: 'lan',
  title: 'two Linux hosts on a LAN with a gateway',
  hosts: ['host1', 'host2'],
  build(builder) {
    lanHosts(builder, this.hosts);
  },
};
