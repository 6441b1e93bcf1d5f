import { formatIP } from '../../base/address.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import type { AddressSpec, InterfaceSpec, Rule } from '../../kernel/netfilter/tables/rule.ts';
import { prefixLength, SAVED_PROTOCOLS } from '../../kernel/netfilter/tables/save.ts';
import type { Table } from '../../kernel/netfilter/tables/table.ts';
import type { Lookup } from './lookup.ts';

/** How `-L` is to look. */
export interface ListSettings {
  family: 4 | 6;
  verbose: boolean;
  numeric: boolean;
  exact: boolean;
  lineNumbers: boolean;
  lookup: Lookup;
}

/** The lines of `-L`: one chain or all, or one rule of a chain. */
export function* listTable(table: Table, only: Chain | undefined, number: number, settings: ListSettings): Generator<string> {
  if (only && number > 0) {
    const rule = only.rules[number - 1];
    if (rule) yield listRule(rule, number, settings);
    return;
  }
  let first = true;
  for (const chain of only ? [only] : table.chains()) {
    if (!first) yield '\n';
    first = false;
    yield heading(chain, settings);
    yield columns(settings);
    for (const [i, rule] of chain.rules.entries()) yield listRule(rule, i + 1, settings);
  }
}

function heading({ name, hook, policy, packets, bytes, references }: Chain, { verbose, exact }: ListSettings): string {
  if (hook === undefined) return `Chain ${name} (${references} references)\n`;
  if (!verbose) return `Chain ${name} (policy ${policy})\n`;
  const count = (value: number) => (exact ? String(value) : shorten(value).trimStart());
  return `Chain ${name} (policy ${policy} ${count(packets)} packets, ${count(bytes)} bytes)\n`;
}

function columns({ verbose, exact, lineNumbers }: ListSettings): string {
  const number = lineNumbers ? 'num  ' : '';
  const counters = verbose ? (exact ? '    pkts      bytes ' : ' pkts bytes ') : '';
  const devices = verbose ? 'in     out     ' : '';
  return `${number}${counters}target     prot opt ${devices}source               destination         \n`;
}

/** Numbers of at most five characters, in thousands and so on where they are larger (xtables_print_num). */
function shorten(value: number): string {
  if (value <= 99_999) return String(value).padStart(5);
  let rest = Math.floor((value + 500) / 1000);
  for (const unit of ['K', 'M', 'G']) {
    if (rest <= 9999) return `${String(rest).padStart(4)}${unit}`;
    rest = Math.floor((rest + 500) / 1000);
  }
  return `${String(rest).padStart(4)}T`;
}

export function targetName(rule: Rule): string {
  const { action } = rule;
  if (action.kind === 'none') return '';
  if (action.kind === 'verdict') return action.verdict;
  if (action.kind === 'chain') return action.chain?.name ?? action.name;
  const { extension } = action.target;
  return extension.listedAs ?? extension.name;
}

function protocolName(protocol: number, { numeric, lookup }: ListSettings): string {
  if (protocol === 0) return 'all';
  const saved = SAVED_PROTOCOLS.find(([, number]) => number === protocol)?.[0];
  return (numeric ? undefined : lookup.protocolName(protocol)) ?? saved ?? String(protocol);
}

function address(spec: AddressSpec | undefined, { numeric, family, lookup }: ListSettings): string {
  if (!spec) return numeric ? (family === 4 ? '0.0.0.0/0' : '::/0') : 'anywhere';
  const bits = family === 4 ? 32 : 128;
  const length = prefixLength(spec.mask);
  const name = numeric ? undefined : lookup.hostName(spec.address);
  const text = name ?? formatIP(spec.address);
  if (length === bits) return text;
  return `${text}/${length ?? formatIP(spec.mask)}`;
}

function device(spec: InterfaceSpec | undefined, { numeric }: ListSettings): string {
  return `${spec?.inverted ? '!' : ''}${spec?.name ?? (numeric ? '*' : 'any')}`;
}

/** What matches and target say after the columns. */
function details(rule: Rule, settings: ListSettings): string {
  const context = { family: settings.family, numeric: settings.numeric, names: settings.lookup, protocol: rule.header.protocol };
  let text = rule.action.kind === 'chain' && rule.action.goto ? '[goto] ' : '';
  for (const { extension, data } of rule.matches) text += extension.list(data, context);
  if (rule.action.kind === 'extension') text += rule.action.target.extension.list(rule.action.target.data, context);
  return text;
}

function fragmentText(rule: Rule): string {
  const { fragment } = rule.header;
  return fragment ? (fragment.inverted ? '!f' : '-f') : '--';
}

/** One line of `-L`. */
export function listRule(rule: Rule, number: number, settings: ListSettings): string {
  const { header } = rule;
  let line = settings.lineNumbers ? `${String(number).padEnd(4)} ` : '';
  if (settings.verbose) {
    const count = (value: number) => (settings.exact ? String(value).padStart(8) : shorten(value));
    line += `${count(rule.packets)} ${count(rule.bytes)} `;
  }
  line += `${targetName(rule).padEnd(9)} `;
  line += `${header.protocolInverted ? '!' : ' '}${protocolName(header.protocol, settings).padEnd(4)} `;
  line += `${fragmentText(rule)} `;
  if (settings.verbose) line += ` ${device(header.input, settings).padEnd(6)} ${device(header.output, settings).padEnd(6)} `;
  line += `${header.source?.inverted ? '!' : ' '}${address(header.source, settings).padEnd(19)} `;
  line += `${header.destination?.inverted ? '!' : ' '}${address(header.destination, settings).padEnd(19)} `;
  return `${line}${details(rule, settings)}\n`;
}

/** What -A, -I, -D, -R and -C say with -v. */
export function describeRule(rule: Rule, family: 4 | 6, lookup: Lookup): string {
  const settings = { family, verbose: true, numeric: true, exact: false, lineNumbers: false, lookup };
  const { header } = rule;
  const not = (inverted: boolean | undefined) => (inverted ? '!' : '');
  const protocol = `${not(header.protocolInverted)}${protocolName(header.protocol, settings)}`;
  const source = `${not(header.source?.inverted)}${address(header.source, settings)}`;
  const destination = `${not(header.destination?.inverted)}${address(header.destination, settings)}`;
  const devices = `in ${device(header.input, settings)} out ${device(header.output, settings)}`;
  return `${targetName(rule)}  ${protocol} opt ${fragmentText(rule)} ${devices}  ${source}  -> ${destination}  ${details(rule, settings)}\n`;
}
