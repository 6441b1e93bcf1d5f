import { loaded, part } from '../../base/part.ts';
import type { Scenario } from '../scenario.ts';
import { lanHosts } from './lan.ts';

const engine = part('docker engine', () => import('../docker-host.ts'));

/** Docker Engine with its images on the hosts of a LAN, or on some of them. */
function dockerHosts(name: string, title: string, hosts: readonly string[], engines = hosts): Scenario {
  return {
    name,
    title,
    hosts,
    parts: [engine],
    build(builder) {
      const { startDockerEngine } = loaded(engine);
      for (const host of lanHosts(builder, hosts)) {
        if (engines.includes(host.kernel.name)) startDockerEngine(host);
      }
    },
  };
}

export const docker = dockerHosts('docker', 'one Linux host on a LAN, with Docker Engine', ['host1']);

export const dockerLan = dockerHosts('docker-lan', 'two Linux hosts on a LAN, each with Docker Engine', ['host1', 'host2']);

export const dockerNeighbour = dockerHosts(
  'docker-neighbour',
  'one Linux host with Docker Engine, and another on its LAN without',
  ['host1', 'host2'],
  ['host1'],
);
