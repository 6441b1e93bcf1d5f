import { problem, unsigned } from '../options.ts';
import { type SetReference, setReference } from '../set-reference.ts';
import type { TargetExtension } from './target.ts';

interface SetChanges {
  add: SetReference | undefined;
  del: SetReference | undefined;
  exist: boolean;
  timeout: number | undefined;
  /** Which of the set's words the packet takes. */
  map: (SetReference & { mark: boolean; priority: boolean; queue: boolean }) | undefined;
}

/** Hooks at which a packet has a device to be queued for. */
const LEAVING: ReadonlySet<string> = new Set(['FORWARD', 'OUTPUT', 'POSTROUTING']);

/** SET: puts the packet's addresses and ports into an ipset, or takes them out (net/netfilter/xt_set.c). */
export const set: TargetExtension<SetChanges> = {
  name: 'SET',
  options: [
    { name: 'add-set', arguments: 2, onlyOnce: '--add-set can be specified only once' },
    { name: 'del-set', arguments: 2, onlyOnce: '--del-set can be specified only once' },
    { name: 'map-set', arguments: 2, onlyOnce: '--map-set can be specified only once' },
    { name: 'map-mark', arguments: 0 },
    { name: 'map-prio', arguments: 0 },
    { name: 'map-queue', arguments: 0 },
    { name: 'exist', arguments: 0 },
    { name: 'timeout' },
  ],
  parse(given, context) {
    const references: { add?: SetReference; del?: SetReference; map?: SetReference } = {};
    for (const action of ['add', 'del', 'map'] as const) {
      const option = given.find(`${action}-set`);
      if (!option) continue;
      const reference = setReference(option.values, context);
      if ('problem' in reference) return reference;
      references[action] = reference;
    }
    const { add, del, map } = references;
    if (!add && !del && !map) return problem("You must specify either `--add-set' or `--del-set' or `--map-set'");
    if (!add && given.has('exist')) return problem("Option `--exist' can be used with `--add-set' only");
    const text = given.value('timeout');
    if (!add && text !== undefined) return problem("Option `--timeout' can be used with `--add-set' only");
    const timeout = text === undefined ? undefined : unsigned(text);
    if (text !== undefined && timeout === undefined) return problem('Invalid value for option --timeout or out of range 0-4294967294');
    const [mark, priority, queue] = (['map-mark', 'map-prio', 'map-queue'] as const).map((name) => given.has(name)) as [
      boolean,
      boolean,
      boolean,
    ];
    if (map && !mark && !priority && !queue) return problem("You must specify flags `--map-mark' or '--map-prio` or `--map-queue'");
    const stray = map ? undefined : (['map-mark', 'map-prio', 'map-queue'] as const).find((name) => given.has(name));
    if (stray) return problem(`Flag \`--${stray}' can be used with \`--map-set' only`);
    return { add, del, exist: given.has('exist'), timeout, map: map && { ...map, mark, priority, queue } };
  },
  check({ map }, { table, hooks }) {
    if (!map) return undefined;
    if (table !== 'mangle') return 'EINVAL';
    return (map.priority || map.queue) && [...hooks].some((hook) => !LEAVING.has(hook)) ? 'EINVAL' : undefined;
  },
  sets: ({ add, del, map }) => [add, del, map].flatMap((reference) => (reference ? [reference.name] : [])),
  save: (data) => textOf(data, '--'),
  list: (data) => textOf(data, ''),
  evaluate({ add, del, exist, timeout, map }, skb, state) {
    const { sets } = state.net.netfilter;
    if (add) sets.change(add.name, 'add', add.directions, skb, state, { exist, timeout });
    if (del) sets.change(del.name, 'del', del.directions, skb, state, { exist: true, timeout: undefined });
    const mapped = map?.mark && sets.mapping(map.name, map.directions, skb, state);
    // Classes and queues are for disciplines and cards that this machine hasn't.
    if (mapped) skb.mark = ((skb.mark & ~mapped.mask) ^ mapped.mark) >>> 0;
    return 'continue';
  },
};

function textOf({ add, del, exist, timeout, map }: SetChanges, dashes: string): string {
  let text = add ? ` ${dashes}add-set ${add.name} ${add.directions.join(',')}` : '';
  if (exist) text += ` ${dashes}exist`;
  if (timeout !== undefined) text += ` ${dashes}timeout ${timeout}`;
  if (del) text += ` ${dashes}del-set ${del.name} ${del.directions.join(',')}`;
  if (!map) return text;
  text += ` ${dashes}map-set ${map.name} ${map.directions.join(',')}`;
  for (const name of ['mark', 'priority', 'queue'] as const) if (map[name]) text += ` ${dashes}map-${name === 'priority' ? 'prio' : name}`;
  return text;
}
