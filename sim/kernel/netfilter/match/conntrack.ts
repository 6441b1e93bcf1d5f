import { SECOND } from '../../../base/time.ts';
import type { Skb } from '../../skb.ts';
import { type Connection, STATE_BIT, STATUS, type Tracked } from '../conntrack/connection.ts';
import type { HookState } from '../hooks.ts';
import { type Given, isProblem, type ParseContext, portNumber, problem, type Problem, type Range, unsigned } from '../options.ts';
import { SAVED_PROTOCOLS } from '../tables/save.ts';
import { maskTo, type Network, networkText, parseNetwork } from './addresses.ts';
import type { MatchExtension } from './match.ts';

/** States in the order in which they are printed. */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
type StateName = (typeof STATES)[number];
const STATUSES = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;

const ADDRESSES = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const;
const PORTS = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport'] as const;

interface Test<T> {
  value: T;
  inverted: boolean;
}

interface Conntrack {
  states: Test<number> | undefined;
  protocol: Test<number> | undefined;
  addresses: Partial<Record<(typeof ADDRESSES)[number], Test<Network>>>;
  ports: Partial<Record<(typeof PORTS)[number], Test<Range>>>;
  status: Test<number> | undefined;
  expire: Test<Range> | undefined;
  direction: 'ORIGINAL' | 'REPLY' | undefined;
  /** Nothing but states and direction is asked for. */
  only: boolean;
}

function parseList<T extends string>(text: string, known: readonly T[], what: string): Set<T> | Problem {
  const set = new Set<T>();
  for (const word of text.split(',')) {
    const name = known.find((candidate) => candidate === word.toUpperCase());
    if (!name) return problem(`Bad ${what} "${word}"`);
    set.add(name);
  }
  return set;
}

/** `N` or `N:M`. */
function parseRange(option: string, text: string, read: (part: string) => number | undefined): Range | Problem {
  const [first = '', last = first] = text.split(':') as [string, string?];
  const min = read(first);
  const max = read(last);
  if (min === undefined || max === undefined) return problem(`conntrack: bad value for option "--${option}", or out of range.\n`);
  return { min, max };
}

const rangeText = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** Whether the packet is in one of the states (state_mt, conntrack_mt). */
function hasState(states: number, skb: Skb): boolean {
  const tracked = skb.conntrack as Tracked | undefined;
  if (tracked === undefined) return (states & STATE_BIT.INVALID) !== 0;
  if ((states & tracked.bit) !== 0) return true;
  const { connection } = tracked;
  if (!connection || states < STATE_BIT.SNAT) return false;
  return (
    ((states & STATE_BIT.SNAT) !== 0 && connection.has(STATUS.SRC_NAT)) ||
    ((states & STATE_BIT.DNAT) !== 0 && connection.has(STATUS.DST_NAT))
  );
}

const bitsOf = (names: Iterable<StateName>): number => [...names].reduce((bits, name) => bits | STATE_BIT[name], 0);
const stateNames = (bits: number): string => STATES.filter((name) => bits & STATE_BIT[name]).join(',');

function parseAddresses(given: Given, context: ParseContext): Conntrack['addresses'] | Problem {
  const addresses: Conntrack['addresses'] = {};
  for (const name of ADDRESSES) {
    const option = given.find(name);
    if (!option) continue;
    const value = parseNetwork(option.values[0] as string, context.family);
    if (!value) return problem(`host/network \`${option.values[0]}' not found`);
    addresses[name] = { value, inverted: option.inverted };
  }
  return addresses;
}

function parsePorts(given: Given, context: ParseContext): Conntrack['ports'] | Problem {
  const ports: Conntrack['ports'] = {};
  for (const name of PORTS) {
    const option = given.find(name);
    if (!option) continue;
    const value = parseRange(name, option.values[0] as string, (part) => portNumber(part, context.names));
    if (isProblem(value)) return value;
    ports[name] = { value, inverted: option.inverted };
  }
  return ports;
}

/** The conntrack match: what the packet's connection is like (net/netfilter/xt_conntrack.c). */
export const conntrack: MatchExtension<Conntrack> = {
  name: 'conntrack',
  conntrack: true,
  options: [
    { name: 'ctstate', invert: true },
    { name: 'ctproto', invert: true },
    ...ADDRESSES.map((name) => ({ name, invert: true })),
    { name: 'ctstatus', invert: true },
    { name: 'ctexpire', invert: true },
    ...PORTS.map((name) => ({ name, invert: true })),
    { name: 'ctdir' },
  ],
  parse(given, context) {
    if (given.options.length === 0) return problem('conntrack: At least one option is required');
    const addresses = parseAddresses(given, context);
    if (isProblem(addresses)) return addresses;
    const ports = parsePorts(given, context);
    if (isProblem(ports)) return ports;
    const data: Conntrack = {
      states: undefined,
      protocol: undefined,
      addresses,
      ports,
      status: undefined,
      expire: undefined,
      direction: undefined,
      only: true,
    };
    for (const { name, values, inverted } of given.options) {
      const text = values[0] as string;
      if (name === 'ctstate') {
        const value = parseList(text, STATES, 'ctstate');
        if (isProblem(value)) return value;
        data.states = { value: bitsOf(value), inverted };
      } else if (name === 'ctproto') {
        const value = unsigned(text, 255) ?? SAVED_PROTOCOLS.find(([known]) => known === text)?.[1];
        if (value === undefined) return problem(`unknown protocol "${text}" specified`);
        data.protocol = { value, inverted };
      } else if (name === 'ctstatus') {
        const value = parseList(text, ['NONE', ...STATUSES], 'ctstatus');
        if (isProblem(value)) return value;
        data.status = { value: [...value].reduce((bits, word) => bits | (word === 'NONE' ? 0 : STATUS[word]), 0), inverted };
      } else if (name === 'ctexpire') {
        const value = parseRange(name, text, (part) => unsigned(part));
        if (isProblem(value)) return value;
        data.expire = { value, inverted };
      } else if (name === 'ctdir') {
        const direction = text.toUpperCase();
        if (direction !== 'ORIGINAL' && direction !== 'REPLY') return problem(`conntrack: Bad value for "--ctdir" option: "${text}"`);
        data.direction = direction;
      }
    }
    data.only = onlyStates(data);
    return data;
  },
  save: (data) => describe(data, '--'),
  list: (data) => describe(data, ''),
  matches(data, skb, state) {
    if (data.states && hasState(data.states.value, skb) === data.states.inverted) return false;
    const tracked = skb.conntrack as Tracked | undefined;
    const connection = tracked?.connection;
    if (data.direction && (!connection || tracked?.reply !== (data.direction === 'REPLY'))) return false;
    if (!connection) return data.only;
    return data.only || ofConnection(data, connection, state);
  },
};

function onlyStates(data: Conntrack): boolean {
  return !data.protocol && !data.status && !data.expire && Object.keys(data.addresses).length + Object.keys(data.ports).length === 0;
}

function ofConnection(data: Conntrack, connection: Connection, state: HookState): boolean {
  if (data.protocol && (connection.protocol === data.protocol.value) === data.protocol.inverted) return false;
  const { original, replyDirection: reply } = connection;
  for (const name of ADDRESSES) {
    const test = data.addresses[name];
    if (!test) continue;
    const side = name.startsWith('ctorig') ? original : reply;
    const address = name.endsWith('src') ? side.source : side.destination;
    if ((maskTo(address, test.value.length) === test.value.address) === test.inverted) return false;
  }
  for (const name of PORTS) {
    const test = data.ports[name];
    if (!test) continue;
    const side = name.startsWith('ctorig') ? original : reply;
    const port = name.includes('src') ? side.sourcePort : side.destinationPort;
    if ((port >= test.value.min && port <= test.value.max) === test.inverted) return false;
  }
  if (data.status) {
    const bits = connection.status & (STATUS.EXPECTED | STATUS.SEEN_REPLY | STATUS.ASSURED | STATUS.CONFIRMED);
    if ((data.status.value === 0 ? bits === 0 : (bits & data.status.value) !== 0) === data.status.inverted) return false;
  }
  if (data.expire) {
    const left = Math.max(0, Math.floor((connection.expires - state.net.kernel.events.now) / SECOND));
    if ((left >= data.expire.value.min && left <= data.expire.value.max) === data.expire.inverted) return false;
  }
  return true;
}

function describe(data: Conntrack, dashes: string): string {
  let text = '';
  const add = (name: string, test: Test<unknown> | undefined, value: string) => {
    if (test) text += `${test.inverted ? ' !' : ''} ${dashes}${name} ${value}`;
  };
  add('ctstate', data.states, stateNames(data.states?.value ?? 0));
  add('ctproto', data.protocol, String(data.protocol?.value));
  for (const name of ADDRESSES) add(name, data.addresses[name], networkText(data.addresses[name]?.value ?? { address: 0, length: 0 }));
  for (const name of PORTS) add(name, data.ports[name], rangeText(data.ports[name]?.value ?? { min: 0, max: 0 }));
  const bits = data.status?.value ?? 0;
  add('ctstatus', data.status, STATUSES.filter((name) => bits & STATUS[name]).join(',') || 'NONE');
  add('ctexpire', data.expire, rangeText(data.expire?.value ?? { min: 0, max: 0 }));
  if (data.direction) text += ` ${dashes}ctdir ${data.direction}`;
  return text;
}

interface State {
  states: number;
  inverted: boolean;
}

/** The state match: the older form of `conntrack --ctstate` (xt_state). */
export const state: MatchExtension<State> = {
  name: 'state',
  conntrack: true,
  options: [{ name: 'state', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('state') as { values: readonly string[]; inverted: boolean };
    const states = parseList(option.values[0] as string, STATES.slice(0, 5), 'state');
    return isProblem(states) ? states : { states: bitsOf(states), inverted: option.inverted };
  },
  save: ({ states, inverted }) => `${inverted ? ' !' : ''} --state ${stateNames(states)}`,
  list: ({ states, inverted }) => `${inverted ? ' !' : ''} state ${stateNames(states)}`,
  matches: ({ states, inverted }, skb) => hasState(states, skb) !== inverted,
};
