import type { Scenario } from '../scenario.ts';
import { lanHosts } from './lan.ts';

/** Three machines on a LAN, for routes that they tell each other. BIRD itself is not there yet (sim/FIDELITY.md). */
export const bgp: Scenario = {
  name: 'bgp',
  title: 'three Linux hosts on a LAN with a gateway (without BIRD yet)',
  hosts: ['host1', 'host2', 'host3'],
  build(builder) {
    lanHosts(builder, this.hosts);
  },
};
