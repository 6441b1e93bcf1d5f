import type { Blocking } from '../../../host/wait.ts';
import { rfc3339 } from '../clock.ts';
import type { Container } from '../container/container.ts';
import { processesOf } from '../container/task.ts';
import { notModelled, Refusal } from '../refusal.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

export const statsRoutes: readonly Route[] = [{ method: 'GET', path: '/containers/{id}/stats', handle: stats }];

/** GET /containers/{id}/stats, once: what its network cards have counted, and how many processes it has; nothing else is measured. */
function* stats({ engine, parameters, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  if (flag(query.stream ?? '1')) return notModelled('a stream of statistics (use --no-stream)');
  // Two samples a second apart, as the real one takes them.
  if (container.running) yield { on: [], until: engine.host.now + 1_000_000 };
  const networks = networkCounters(container);
  const json = {
    name: `/${container.name}`,
    id: container.id,
    read: rfc3339(engine.host.now),
    num_procs: 0,
    pids_stats: { current: processesOf(engine, container).length },
    ...(Object.keys(networks).length > 0 ? { networks } : {}),
  };
  return { status: 200, json };
}

function networkCounters(container: Container): Record<string, Record<string, number>> {
  const counters: Record<string, Record<string, number>> = {};
  if (container.hostConfig.NetworkMode === 'host') return counters;
  for (const device of container.sandbox?.net.devices.values() ?? []) {
    const { stats: counted, name } = device;
    if (name === 'lo') continue;
    counters[name] = {
      rx_bytes: counted.rxBytes,
      rx_packets: counted.rxPackets,
      rx_errors: counted.rxErrors,
      rx_dropped: counted.rxDropped,
      tx_bytes: counted.txBytes,
      tx_packets: counted.txPackets,
      tx_errors: counted.txErrors,
      tx_dropped: counted.txDropped,
    };
  }
  return counters;
}
