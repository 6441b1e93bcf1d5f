import { problem, unsigned } from '../options.ts';
import { type SetReference, setReference } from '../set-reference.ts';
import type { TargetExtension } from './target.ts';

interface SetChanges {
  add: SetReference | undefined;
  del: SetReference | undefined;
  exist: boolean;
  timeout: number | undefined;
}

/** SET: puts the packet's addresses and ports into an ipset, or takes them out (net/netfilter/xt_set.c). */
export const set: TargetExtension<SetChanges> = {
  name: 'SET',
  options: [
    { name: 'add-set', arguments: 2, onlyOnce: '--add-set can be specified only once' },
    { name: 'del-set', arguments: 2, onlyOnce: '--del-set can be specified only once' },
    { name: 'map-set', arguments: 2, unmodelled: true },
    { name: 'map-mark', arguments: 0, unmodelled: true },
    { name: 'map-prio', arguments: 0, unmodelled: true },
    { name: 'map-queue', arguments: 0, unmodelled: true },
    { name: 'exist', arguments: 0 },
    { name: 'timeout' },
  ],
  parse(given, context) {
    const references: { add?: SetReference; del?: SetReference } = {};
    for (const action of ['add', 'del'] as const) {
      const option = given.find(`${action}-set`);
      if (!option) continue;
      const reference = setReference(option.values, context);
      if ('problem' in reference) return reference;
      references[action] = reference;
    }
    const { add, del } = references;
    if (!add && !del) return problem("You must specify either `--add-set' or `--del-set' or `--map-set'");
    if (!add && given.has('exist')) return problem("Option `--exist' can be used with `--add-set' only");
    const text = given.value('timeout');
    if (!add && text !== undefined) return problem("Option `--timeout' can be used with `--add-set' only");
    const timeout = text === undefined ? undefined : unsigned(text);
    if (text !== undefined && timeout === undefined) return problem('Invalid value for option --timeout or out of range 0-4294967294');
    return { add, del, exist: given.has('exist'), timeout };
  },
  sets: ({ add, del }) => [add, del].flatMap((reference) => (reference ? [reference.name] : [])),
  save: (data) => textOf(data, '--'),
  list: (data) => textOf(data, ''),
  evaluate({ add, del, exist, timeout }, skb, state) {
    const { sets } = state.net.netfilter;
    if (add) sets.change(add.name, 'add', add.directions, skb, state, { exist, timeout });
    if (del) sets.change(del.name, 'del', del.directions, skb, state, { exist: true, timeout: undefined });
    return 'continue';
  },
};

function textOf({ add, del, exist, timeout }: SetChanges, dashes: string): string {
  let text = add ? ` ${dashes}add-set ${add.name} ${add.directions.join(',')}` : '';
  if (exist) text += ` ${dashes}exist`;
  if (timeout !== undefined) text += ` ${dashes}timeout ${timeout}`;
  return del ? `${text} ${dashes}del-set ${del.name} ${del.directions.join(',')}` : text;
}
