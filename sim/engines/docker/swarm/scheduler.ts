import { rank, type SwarmNode, type SwarmTask } from './objects.ts';
import type { Store } from './store.ts';

/** `node.role == worker`, read. */
export interface Constraint {
  key: string;
  equal: boolean;
  value: string;
}

/** Reads a constraint; the complaint where it is none (swarmkit, manager/constraint). */
export function parseConstraint(text: string): Constraint | string {
  const match = /^(.*?)(==|!=)(.*)$/.exec(text);
  if (!match) return 'constraint expected one operator from ==, !=';
  const [key = '', value = ''] = [match[1]?.trim(), match[3]?.trim()];
  if (!/^[a-zA-Z_][a-zA-Z0-9_\-.]+$/.test(key)) return `key '${key}' is invalid`;
  if (!/^[a-zA-Z0-9:\-_\s.*()?+[\]\\^$|/]+$/.test(value)) return `value '${value}' is invalid`;
  return { key, equal: match[2] === '==', value };
}

function holds({ key, equal, value }: Constraint, node: SwarmNode): boolean {
  const is = (actual: string | undefined): boolean => (actual?.toLowerCase() === value.toLowerCase()) === equal;
  const lower = key.toLowerCase();
  if (lower === 'node.id') return is(node.id);
  if (lower === 'node.hostname') return is(node.hostname);
  if (lower === 'node.role') return is(node.role);
  if (lower === 'node.platform.os') return is('linux');
  if (lower === 'node.platform.arch') return is('x86_64');
  if (lower.startsWith('node.labels.')) return is(node.labels[key.slice('node.labels.'.length)] ?? '');
  return false;
}

/** Whether a task of a service may run on a node as far as its placement says. */
export function mayRunOn(constraints: readonly string[], node: SwarmNode): boolean {
  return constraints.every((text) => {
    const parsed = parseConstraint(text);
    return typeof parsed !== 'string' && holds(parsed, node);
  });
}

export function takesTasks(node: SwarmNode): boolean {
  return node.state === 'ready' && node.availability === 'active';
}

/** Still there, or about to be. */
export function isLive(task: SwarmTask): boolean {
  return rank(task.desired) <= rank('running') && rank(task.state) <= rank('running');
}

/** The best node for a task: the fewest tasks of its service, then the fewest of all; or why there is none. */
export function chooseNode(store: Store, task: SwarmTask): SwarmNode | string {
  const nodes = [...store.nodes.values()].filter((node) => task.node === '' || node.id === task.node);
  const constraints = task.spec.Placement.Constraints ?? [];
  const unavailable = nodes.filter((node) => !takesTasks(node));
  const ready = nodes.filter(takesTasks);
  const allowed = ready.filter((node) => mayRunOn(constraints, node));
  const live = [...store.tasks.values()].filter((other) => other !== task && isLive(other));
  const fitting = allowed.filter((node) => !portTaken(live, task, node));
  const reasons: [number, string][] = [
    [unavailable.length, `${count(unavailable.length)} not available for new tasks`],
    [ready.length - allowed.length, `scheduling constraints not satisfied on ${count(ready.length - allowed.length)}`],
    [allowed.length - fitting.length, `host-mode port already in use on ${count(allowed.length - fitting.length)}`],
  ];
  if (fitting.length === 0) {
    const said = reasons.filter(([failures]) => failures > 0).sort(([a], [b]) => b - a);
    return `no suitable node${said.length > 0 ? ` (${said.map(([, text]) => text).join('; ')})` : ''}`;
  }
  const load = (node: SwarmNode): [number, number] => {
    const here = live.filter((other) => other.node === node.id);
    return [here.filter((other) => other.service === task.service).length, here.length];
  };
  return fitting.map((node) => ({ node, load: load(node) })).sort((a, b) => a.load[0] - b.load[0] || a.load[1] - b.load[1])[0]
    ?.node as SwarmNode;
}

function count(nodes: number): string {
  return `${nodes} node${nodes === 1 ? '' : 's'}`;
}

function portTaken(live: readonly SwarmTask[], task: SwarmTask, node: SwarmNode): boolean {
  const onHost = (one: SwarmTask): string[] =>
    one.ports
      .filter(({ PublishMode, PublishedPort }) => PublishMode === 'host' && PublishedPort)
      .map((port) => `${port.PublishedPort}/${port.Protocol}`);
  const wanted = onHost(task);
  return wanted.length > 0 && live.some((other) => other.node === node.id && onHost(other).some((port) => wanted.includes(port)));
}
