import type { Host } from '../../host/host.ts';
import { configureGateway, connect } from '../lan.ts';
import { netlinkOf, setUp } from '../machine.ts';
import type { Builder, Scenario } from '../scenario.ts';

/** Hosts on one LAN, each at 192.168.50.N/24 with N from 11 on; a gateway at .1 leads outside. */
export function lanHosts(builder: Builder, names: readonly string[]): Host[] {
  const gateway = builder.outside('lan');
  configureGateway(gateway);
  return names.map((name, index) => {
    const host = builder.host(name);
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
