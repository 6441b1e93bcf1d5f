import { addressBits, formatIP, type Prefix } from '../../base/address.ts';
import type { RuleInfo } from '../../host/netlink/messages.ts';
import { dsfieldName, routeTypeOf, TABLE_MAIN, tableName, tableNumber } from '../iproute2/names.ts';
import { familyOf, parseUnsigned } from '../iproute2/values.ts';
import { type IpRun, keyword } from './ip-words.ts';

const WORDS = [
  'from',
  'to',
  'preference',
  'order',
  'priority',
  'tos',
  'fwmark',
  'realms',
  'table',
  'lookup',
  'suppress_prefixlength',
  'dev',
  'iif',
  'nat',
  'map-to',
  'type',
  'help',
] as const;

/** `ip rule` of busybox. */
export function ipRule(run: IpRun): number {
  if (run.empty) return list(run);
  const word = run.take();
  switch (keyword(['add', 'delete', 'list', 'show'], word)) {
    case 'list':
    case 'show':
      return list(run);
    case 'add':
      return modify(run, true);
    case 'delete':
      return modify(run, false);
    default:
      throw run.invalid(word, 'ip');
  }
}

function list(run: IpRun): number {
  if (!run.empty) throw run.die('"ip rule list" requires no arguments');
  for (const rule of run.netlink.rules(run.addressFamily === 6 ? 6 : 4)) run.speech.print(`${lineOf(rule)}\n`);
  return 0;
}

function lineOf(rule: RuleInfo): string {
  const prefix = (shown: Prefix) => `${formatIP(shown.address)}${shown.length === addressBits(shown.address) ? '' : `/${shown.length}`}`;
  let text = `${rule.priority}:\tfrom ${rule.source ? prefix(rule.source) : 'all'} `;
  if (rule.destination) text += `to ${prefix(rule.destination)} `;
  if (rule.tos) text += `tos ${dsfieldName(rule.tos)} `;
  if (rule.mark) {
    const { value, mask } = rule.mark;
    text += `fwmark 0x${value.toString(16)}${mask === 0xffff_ffff ? '' : `/0x${mask.toString(16)}`} `;
  }
  if (rule.iif !== undefined) text += `iif ${rule.iif} `;
  if (rule.action !== 'lookup') return `${text}${rule.action}`;
  text += `lookup ${tableName(rule.table, false)} `;
  return rule.suppressPrefixLength === undefined ? text : `${text}suppress_prefixlength ${rule.suppressPrefixLength} `;
}

function modify(run: IpRun, adding: boolean): number {
  const wanted: Partial<RuleInfo> = {};
  while (!run.empty) parseWord(run, wanted);
  const ends = wanted.source ?? wanted.destination;
  const family = ends ? familyOf(ends.address) : run.addressFamily === 6 ? 6 : 4;
  if (!adding) return run.outcome(run.netlink.delRule({ ...wanted, family }));
  const action = wanted.action ?? 'lookup';
  return run.outcome(
    run.netlink.newRule({ inverted: false, priority: -1, table: action === 'lookup' ? TABLE_MAIN : 0, ...wanted, family, action }),
  );
}

function parseWord(run: IpRun, wanted: Partial<RuleInfo>): void {
  const word = run.take();
  switch (keyword(WORDS, word)) {
    case 'from':
      assign(run, wanted, 'source');
      break;
    case 'to':
      assign(run, wanted, 'destination');
      break;
    case 'preference':
    case 'order':
    case 'priority':
      wanted.priority = run.unsigned(run.value(), 'preference');
      break;
    case 'fwmark':
      wanted.mark = markOf(run, run.value());
      break;
    case 'table':
    case 'lookup':
      wanted.table = tableOf(run, run.value());
      break;
    case 'suppress_prefixlength':
      wanted.suppressPrefixLength = run.unsigned(run.value(), 'suppress_prefixlength');
      break;
    case 'dev':
    case 'iif':
      wanted.iif = run.value();
      break;
    case 'tos':
    case 'realms':
    case 'nat':
    case 'map-to':
      throw run.die(`the rule argument ${word} is not modelled (see sim/FIDELITY.md)`);
    default:
      parseType(run, word === 'type' ? run.value() : word, wanted);
  }
}

function assign(run: IpRun, wanted: Partial<RuleInfo>, key: 'source' | 'destination'): void {
  const { address, length, wildcard } = run.prefix(run.value(), run.addressFamily);
  if (!wildcard) wanted[key] = { address, length };
}

function markOf(run: IpRun, text: string): RuleInfo['mark'] {
  const [value, mask] = text.split('/').map((part) => parseUnsigned(part));
  if (value === undefined || (text.includes('/') && mask === undefined)) throw run.invalid(text, 'fwmark');
  return { value, mask: mask ?? 0xffff_ffff };
}

function tableOf(run: IpRun, text: string): number {
  const table = tableNumber(text);
  if (table === undefined) throw run.invalid(text, 'table ID');
  return table;
}

function parseType(run: IpRun, word: string, wanted: Partial<RuleInfo>): void {
  const type = routeTypeOf(word);
  if (type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit') throw run.invalid(word, 'ip');
  wanted.action = type;
}
