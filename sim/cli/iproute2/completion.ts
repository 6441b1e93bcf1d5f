import type { Process } from '../../host/process.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Completer } from '../command.ts';
import { bridgeObjects } from './bridge-objects.ts';
import { KIND_NAMES } from './kinds.ts';
import { namesInDirectory } from './netns-names.ts';
import { objects } from './objects.ts';
import { DEFAULTS, type Subcommand, Tool } from './tool.ts';
import { abbreviates } from './words.ts';

/** Objects that are worth offering: the ones that do something here. */
const IP_OBJECTS = objects.filter((object) => object.commands || object.run);

/** Options with an argument, which a cursor after them completes. */
const WITH_ARGUMENT = ['-n', '-netns', '-f', '-family', '-b', '-batch'];

export const completeIp: Completer = (process, words, word) => complete(process, words, word, IP_OBJECTS);

export const completeBridge: Completer = (process, words, word) => complete(process, words, word, bridgeObjects);

function complete(
  process: Process,
  words: readonly string[],
  word: string,
  known: readonly { name: string; commands?: readonly Subcommand[] }[],
): string[] {
  const tool = new Tool(process, 'ip', { ...DEFAULTS });
  const { net, rest, pending } = skipOptions(tool, words.slice(1));
  if (pending) return startingWith(word, pending === '-n' || pending === '-netns' ? namesInDirectory(tool) : ['inet', 'inet6', 'link']);
  if (net) tool.net = net;
  const [objectWord, ...after] = rest;
  if (objectWord === undefined)
    return startingWith(
      word,
      known.map(({ name }) => name),
    );
  const object = known.find(({ name }) => abbreviates(objectWord, name));
  if (!object?.commands) return [];
  const command = after[0];
  if (command === undefined) return startingWith(word, [...object.commands.flatMap(({ names }) => names.slice(0, 1)), 'show']);
  return startingWith(word, argumentsAfter(tool, object.name, after));
}

/** The words after the options, the namespace that `-n` names, and an option still waiting for its argument. */
function skipOptions(tool: Tool, words: readonly string[]): { net: NetNamespace | undefined; rest: string[]; pending: string | undefined } {
  let net: NetNamespace | undefined;
  let at = 0;
  for (; at < words.length && words[at]?.startsWith('-'); at++) {
    const option = words[at] as string;
    if (!WITH_ARGUMENT.includes(option)) continue;
    const argument = words[++at];
    if (argument === undefined) return { net, rest: [], pending: option };
    const named = option === '-n' || option === '-netns' ? tool.namespaceOf(argument) : undefined;
    if (named && typeof named !== 'string') net = named;
  }
  return { net, rest: words.slice(at), pending: undefined };
}

/** What may follow: names of links, namespaces or kinds after the words that want them, and links otherwise. */
function argumentsAfter(tool: Tool, object: string, words: readonly string[]): string[] {
  const before = words.at(-1) ?? '';
  const links = () => tool.netlink.links().map((link) => link.name);
  if (['dev', 'oif', 'iif', 'link', 'brport'].includes(before)) return links();
  if (['master', 'br'].includes(before))
    return tool.netlink
      .links()
      .filter((link) => link.kind === 'bridge')
      .map((link) => link.name);
  if (before === 'netns') return namesInDirectory(tool);
  if (before === 'type') return [...KIND_NAMES];
  if (object === 'netns') return words.length === 1 ? namesInDirectory(tool) : [];
  return object === 'link' && words.length === 1
    ? [...links(), ...LINK_WORDS]
    : [...(WORDS[object] ?? []), ...(words.length === 1 ? links() : [])];
}

const LINK_WORDS = ['dev', 'up', 'down', 'mtu', 'address', 'master', 'nomaster', 'netns', 'name', 'type', 'alias', 'promisc'];

const WORDS: Record<string, readonly string[]> = {
  address: ['dev', 'scope', 'to', 'up', 'label', 'brd', 'peer'],
  link: LINK_WORDS,
  route: ['via', 'dev', 'src', 'table', 'proto', 'metric', 'scope', 'default', 'onlink', 'nexthop'],
  neighbor: ['dev', 'lladdr', 'nud', 'proxy', 'to'],
  rule: ['from', 'to', 'lookup', 'fwmark', 'iif', 'oif', 'pref'],
  fdb: ['br', 'brport', 'dev', 'dst', 'dynamic', 'self', 'master', 'permanent', 'static'],
};

function startingWith(word: string, candidates: readonly string[]): string[] {
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(word)).sort();
}
