import { eitherRuleText, eventText } from '../../host/nftables/event-text.ts';
import { dump } from '../../host/nftables/json.ts';
import { eventJson } from '../../host/nftables/json-list.ts';
import type { ListStyle } from '../../host/nftables/list.ts';
import { type NftNotification, OpenNftMonitor } from '../../host/nftables/monitor.ts';
import { rulesetOf } from '../../host/nftables/ruleset.ts';
import type { RulesetEvent } from '../../host/nftables/ruleset-events.ts';
import type { Command, Monitored } from '../../host/nftables/syntax.ts';
import { traceText } from '../../host/nftables/trace-text.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

type MonitorCommand = Command & { op: 'monitor' };

const KINDS: Record<Monitored, readonly RulesetEvent['kind'][]> = {
  any: ['table', 'chain', 'rule', 'set', 'element', 'object'],
  tables: ['table'],
  chains: ['chain'],
  rules: ['rule'],
  sets: ['set'],
  elements: ['element'],
  ruleset: ['table', 'chain', 'rule', 'set', 'element', 'object'],
  trace: [],
};

/** `nft monitor`: what changes, and what becomes of packets that rules have marked for it, until somebody stops it. */
export function* monitor(process: Process, command: MonitorCommand, style: ListStyle): Blocking<number> {
  const { what, event, format } = command;
  const { net } = process.namespaces;
  const everything = what === 'any' && event === undefined;
  const traces = everything || (what === 'trace' && event === undefined);
  // What was there at the start is known; rules that come later are not looked up (src/trace.c).
  const rules = new Map<object, string>();
  if (traces)
    for (const table of rulesetOf(net).values())
      for (const chain of table.chains.values())
        for (const { rule } of chain.rules) rules.set(rule, eitherRuleText(rule, table.family, style));
  const socket = new OpenNftMonitor(process, net, { trace: traces, ruleset: what !== 'trace' });
  process.install(socket);
  for (;;) {
    for (let next = socket.next(); next; next = socket.next()) {
      if (format === 'xml') continue;
      for (const line of lines(next)) {
        const failed = yield* process.write(1, line);
        if (failed) return 1;
      }
    }
    yield { on: [socket.readable] };
  }

  function* lines(next: NftNotification): Generator<string> {
    if (next.kind === 'trace') yield* traceText(next.message, (rule) => rules.get(rule), style);
    else if (next.kind === 'generation') {
      const { number, pid, name } = next.generation;
      if (everything && format !== 'json') yield `# new generation ${number} by process ${pid} (${name})\n`;
    } else if (wanted(next.event, command))
      yield format === 'json' ? `${dump(eventJson(next.event, style))}\n` : eventText(next.event, style);
  }
}

function wanted({ kind, verb }: RulesetEvent, { what, event }: MonitorCommand): boolean {
  if (event !== undefined && (event === 'destroy') !== (verb === 'delete')) return false;
  // `new` and `destroy` alone leave out objects.
  if (event !== undefined && what === 'any' && kind === 'object') return false;
  return KINDS[what].includes(kind);
}
