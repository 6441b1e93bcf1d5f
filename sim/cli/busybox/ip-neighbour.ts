import { formatIP, formatMac, samePrefix } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NeighbourInfo, NeighbourState } from '../../host/netlink/messages.ts';
import type { WrittenPrefix } from '../iproute2/values.ts';
import { type IpRun, keyword } from './ip-words.ts';

const STATES: readonly NeighbourState[] = ['NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'];

interface Filter {
  device: number | undefined;
  prefix: WrittenPrefix | undefined;
  states: Set<NeighbourState>;
}

/** `ip neigh` of busybox: show and flush only. */
export function ipNeighbour(run: IpRun): number {
  if (run.empty) return show(run, parseFilter(run, false));
  const word = run.take();
  const command = keyword(['show', 'flush'], word);
  if (command === undefined) throw run.invalid(word, 'ip');
  if (command === 'show') return show(run, parseFilter(run, false));
  if (run.empty) throw run.die('"ip neigh flush" requires an argument');
  return flush(run, parseFilter(run, true));
}

function parseFilter(run: IpRun, flushing: boolean): Filter {
  const states = STATES.filter((state) => state !== 'NONE' && state !== 'NOARP' && !(flushing && state === 'PERMANENT'));
  const filter: Filter = { device: undefined, prefix: undefined, states: new Set(states) };
  let given = false;
  while (!run.empty) {
    const word = run.take();
    if (word === 'dev') filter.device = run.device(run.value()).ifindex;
    else if (word === 'nud') {
      if (!given) filter.states.clear();
      given = true;
      const text = run.value();
      const state = keyword(
        STATES.map((one) => one.toLowerCase()),
        text,
      );
      if (text === 'all') for (const one of STATES) filter.states.add(one);
      else if (state === undefined) throw run.invalid(text, 'nud state');
      else filter.states.add(state.toUpperCase() as NeighbourState);
    } else filter.prefix = run.prefix(word === 'to' ? run.value() : word, run.addressFamily);
  }
  return filter;
}

function selected(run: IpRun, filter: Filter): NeighbourInfo[] {
  const family = run.addressFamily;
  return run.netlink.neighbours(family === 0 ? undefined : family).filter((entry) => {
    if (entry.proxy || !filter.states.has(entry.state)) return false;
    if (filter.device !== undefined && entry.ifindex !== filter.device) return false;
    const { prefix } = filter;
    return !prefix || prefix.wildcard || samePrefix(entry.address, prefix.address, prefix.length);
  });
}

function show(run: IpRun, filter: Filter): number {
  for (const entry of selected(run, filter)) {
    const seconds = (micros: number) => Math.floor(micros / SECOND);
    let text = `${formatIP(entry.address)} `;
    if (filter.device === undefined) text += `dev ${run.deviceName(entry.ifindex)} `;
    if (entry.lladdr !== undefined) text += `lladdr ${formatMac(entry.lladdr)}`;
    if (entry.router) text += ' router';
    if (entry.references > 0) text += ` ref ${entry.references}`;
    text += ` used ${seconds(entry.used)}/${seconds(entry.confirmed)}/${seconds(entry.updated)} probes ${entry.probes} ${entry.state}\n`;
    run.speech.print(text);
  }
  return 0;
}

const ROUNDS = 10;

/** Deletes in rounds, and always tells. */
function flush(run: IpRun, filter: Filter): number {
  for (let round = 0; round < ROUNDS; round++) {
    const doomed = selected(run, filter);
    if (doomed.length === 0) {
      run.speech.print(round === 0 ? 'Nothing to flush\n' : `*** Flush is complete after ${round} round(s) ***\n`);
      return 0;
    }
    for (const { address, ifindex } of doomed) run.netlink.delNeighbour({ address, ifindex });
    run.speech.print(`\n*** Round ${round + 1}, deleting ${doomed.length} entries ***\n`);
    filter.states.delete('FAILED');
  }
  return 1;
}
