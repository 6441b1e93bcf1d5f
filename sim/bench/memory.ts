import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { Connection } from '../kernel/netfilter/conntrack/connection.ts';
import type { Figure } from './measure.ts';

const NAMESPACES = 500;
const CONNECTIONS = 10_000;

/** Collects garbage, and says how many bytes are left. */
function used(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Kilobytes that remain in use by what `make` returns. */
function kept(make: (kernel: Kernel) => unknown): number {
  const kernel = newKernel();
  const before = used();
  const made = make(kernel);
  const bytes = used() - before;
  if (made === undefined) throw new Error('nothing was made');
  return bytes / 1024;
}

function newKernel(): Kernel {
  const events = new EventQueue();
  return new Kernel('memory', events, new Trace(events), 'bench', new WorldIds());
}

/** Namespaces as `ip netns add` makes them: a loopback device that is down. */
function idleNamespaces(kernel: Kernel): unknown {
  return Array.from({ length: NAMESPACES }, () => kernel.newNamespace());
}

/** Established connections from many ports and clients to one service. */
function connections(kernel: Kernel): unknown {
  const { conntrack } = kernel.newNamespace().netfilter;
  const made: Connection[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const [client, port] = [0x0a00_0000 + (i >> 8), 32_768 + (i & 255)];
    const ends = { source: client, destination: 0x0a60_0001, sourcePort: port, destinationPort: 80 };
    const connection = conntrack.create(4, 17, { ...ends, replySourcePort: 8080, replyDestinationPort: port });
    connection.expires = 3_600_000_000;
    for (const [state, reply] of [
      ['NEW', false],
      ['ESTABLISHED', false],
      ['ESTABLISHED', true],
    ] as const)
      connection.tracked(state, reply);
    conntrack.table.insert(connection);
    made.push(connection);
  }
  return made;
}

/** What the world's parts keep in memory. */
export function memoryFigures(): Figure[] {
  // What is loaded and compiled once is no one's.
  kept(idleNamespaces);
  kept(connections);
  return [
    { what: 'an idle namespace', value: kept(idleNamespaces) / NAMESPACES, unit: 'KB', goal: 20 },
    { what: '10,000 tracked connections', value: kept(connections), unit: 'KB', goal: 10_240 },
  ];
}
