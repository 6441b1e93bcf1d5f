import { type Given, type ListContext, problem, type Problem, type Range, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Ids extends Range {
  inverted: boolean;
}

interface Owner {
  user: Ids | undefined;
  group: Ids | undefined;
  socket: { inverted: boolean } | undefined;
}

/** All processes of the simulated machines are root's. */
const ROOT = 0;

function parseIds(given: Given, name: string, byName: (text: string) => number | undefined): Ids | Problem | undefined {
  const option = given.find(name);
  if (!option) return undefined;
  const text = option.values[0] as string;
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const min = match ? unsigned(match[1] as string) : byName(text);
  const max = match?.[2] === undefined ? min : unsigned(match[2]);
  if (min === undefined || max === undefined) return problem(`owner: Bad value for "--${name}" option: "${text}"`);
  return { min, max, inverted: option.inverted };
}

const text = ({ min, max }: Range): string => (min === max ? String(min) : `${min}-${max}`);
const within = (ids: Ids | undefined, id: number): boolean => ids === undefined || (id >= ids.min && id <= ids.max) !== ids.inverted;

/** The owner match: who sent the packet (net/netfilter/xt_owner.c). */
export const owner: MatchExtension<Owner> = {
  name: 'owner',
  options: [
    { name: 'uid-owner', invert: true },
    { name: 'gid-owner', invert: true },
    { name: 'socket-exists', arguments: 0, invert: true },
  ],
  parse(given, { names }) {
    const user = parseIds(given, 'uid-owner', names.user);
    const group = parseIds(given, 'gid-owner', names.group);
    if (user && 'problem' in user) return user;
    if (group && 'problem' in group) return group;
    const exists = given.find('socket-exists');
    const socket = exists && { inverted: exists.inverted };
    if (!user && !group && !socket) return problem('owner: At least one of --uid-owner, --gid-owner or --socket-exists is required');
    return { user, group, socket };
  },
  check(_data, { hooks }) {
    for (const hook of hooks) if (hook !== 'OUTPUT' && hook !== 'POSTROUTING') return 'EINVAL';
    return undefined;
  },
  save({ user, group, socket }) {
    let saved = socket ? `${socket.inverted ? ' !' : ''} --socket-exists` : '';
    if (user) saved += `${user.inverted ? ' !' : ''} --uid-owner ${text(user)}`;
    if (group) saved += `${group.inverted ? ' !' : ''} --gid-owner ${text(group)}`;
    return saved;
  },
  list({ user, group, socket }, context: ListContext) {
    const one = (what: string, ids: Ids | undefined, nameOf: (id: number) => string | undefined) => {
      if (!ids) return '';
      const name = ids.min === ids.max && !context.numeric ? nameOf(ids.min) : undefined;
      return `${ids.inverted ? ' !' : ''} owner ${what} match ${name ?? text(ids)}`;
    };
    const exists = socket ? `${socket.inverted ? ' !' : ''} owner socket exists` : '';
    return exists + one('UID', user, context.names.userName) + one('GID', group, context.names.groupName);
  },
  matches({ user, group, socket }, skb) {
    const sent = skb.socket !== undefined;
    if (socket && sent === socket.inverted) return false;
    if (!sent) return !user && !group;
    return within(user, ROOT) && within(group, ROOT);
  },
};
