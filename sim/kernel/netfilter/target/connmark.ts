import { Tracked } from '../conntrack/connection.ts';
import { hex, problem, unsigned } from '../options.ts';
import { changedMark, MARK_OPTIONS, type MarkChange, markChangeText, parseMarkChange } from './mark.ts';
import type { TargetExtension } from './target.ts';

type Connmark = { mode: 'set'; change: MarkChange } | { mode: 'save' | 'restore'; packetMask: number; connectionMask: number };

/** CONNMARK: changes a connection's mark, or copies it from or to the packet (net/netfilter/xt_connmark.c). */
export const connmark: TargetExtension<Connmark> = {
  name: 'CONNMARK',
  conntrack: true,
  options: [
    ...MARK_OPTIONS.map((option) => ({ ...option, excludes: [...option.excludes, 'save-mark', 'restore-mark'] })),
    { name: 'save-mark', arguments: 0, excludes: ['restore-mark'] },
    { name: 'restore-mark', arguments: 0 },
    { name: 'ctmask' },
    { name: 'nfmask' },
    { name: 'mask' },
  ],
  parse(given) {
    const change = parseMarkChange('CONNMARK', given);
    if (change) return 'problem' in change ? change : { mode: 'set', change };
    const mode = given.has('save-mark') ? 'save' : given.has('restore-mark') ? 'restore' : undefined;
    if (!mode) return problem('CONNMARK target: No operation specified');
    const masks: Record<string, number> = {};
    for (const name of ['mask', 'ctmask', 'nfmask']) {
      const text = given.value(name);
      const value = text === undefined ? undefined : unsigned(text);
      if (text !== undefined && value === undefined)
        return problem(`CONNMARK: bad integer value for option "--${name}", or out of range.\n`);
      if (value !== undefined) masks[name] = value;
    }
    const all = masks.mask ?? 0xffff_ffff;
    return { mode, packetMask: masks.nfmask ?? all, connectionMask: masks.ctmask ?? all };
  },
  save(data) {
    if (data.mode === 'set') return ` --set-xmark ${hex(data.change.value)}/${hex(data.change.mask)}`;
    return ` --${data.mode}-mark --nfmask ${hex(data.packetMask)} --ctmask ${hex(data.connectionMask)}`;
  },
  list(data) {
    if (data.mode === 'set') return markChangeText('CONNMARK', data.change);
    const { packetMask, connectionMask } = data;
    if (packetMask === 0xffff_ffff && connectionMask === 0xffff_ffff) return ` CONNMARK ${data.mode}`;
    if (packetMask === connectionMask) return ` CONNMARK ${data.mode} mask ${hex(packetMask)}`;
    return ` CONNMARK ${data.mode} nfmask ${hex(packetMask)} ctmask ~${hex(connectionMask)}`;
  },
  evaluate(data, skb) {
    const connection = skb.conntrack instanceof Tracked ? skb.conntrack.connection : undefined;
    if (!connection) return 'continue';
    if (data.mode === 'set') connection.mark = changedMark(connection.mark, data.change);
    else if (data.mode === 'save') connection.mark = ((connection.mark & ~data.connectionMask) ^ (skb.mark & data.packetMask)) >>> 0;
    else skb.mark = ((skb.mark & ~data.packetMask) ^ (connection.mark & data.connectionMask)) >>> 0;
    return 'continue';
  },
};
