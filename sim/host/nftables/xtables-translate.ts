import type { Family } from '../../kernel/netfilter/hooks.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { plainStyle } from './print-rule.ts';
import type { Style } from './print-expression.ts';
import { typeNamed } from './datatype.ts';
import { address, interfaceWords } from './xtables-rule.ts';
import { type SavedOptions, optionsOf } from './xtables-options.ts';
import { wordsOfMatch } from './xtables-match.ts';
import { wordsOfTarget } from './xtables-target.ts';

/** A rule as `iptables-translate` writes it, with the sets that it needs. */
export interface RuleInWords {
  text: string;
  sets: string[];
}

/**
 * A rule in nft's words as iptables-translate has them (nft_rule_xlate_add, `xlate` of the extensions): unlike in a listing every part
 * is one that the extensions themselves say.
 *
 * @returns `undefined` when a part has no translation
 */
export function ruleInWords(rule: Rule, family: Family, table: string): RuleInWords | undefined {
  const { header, action } = rule;
  const ip = family === 4 ? 'ip' : 'ip6';
  const style = plainStyle(undefined as never) as Style;
  const words: string[] = [];
  const sets: string[] = [];
  if (header.input) words.push(...interfacePart('iifname', header.input));
  if (header.output) words.push(...interfacePart('oifname', header.output));
  if (header.fragment) words.push(`ip frag-off & 0x1fff ${header.fragment.inverted ? '' : '!= '}0`);
  const protocol = typeNamed('inet_proto').show(header.protocol, style);
  if (
    header.protocol !== 0 &&
    !rule.matches.some(({ extension }) => extension.name === protocol || (extension.name === 'mh' && header.protocol === 135))
  )
    words.push(`${family === 4 ? 'ip protocol' : 'meta l4proto'} ${header.protocolInverted ? '!= ' : ''}${protocol}`);
  if (header.source) words.push(address(`${ip} saddr`, header.source));
  if (header.destination) words.push(address(`${ip} daddr`, header.destination));
  const place = { family, protocol: header.protocolInverted ? 0 : header.protocol };
  let comment = '';
  for (const { extension, data } of rule.matches) {
    const options = optionsOf(extension.save(data));
    if (extension.name === 'connlimit') {
      sets.push(`add set ${ip} ${table} connlimit${sets.length} { type ipv4_addr; flags dynamic; }`);
      words.push(connlimit(options, ip, sets.length - 1));
      continue;
    }
    const said = wordsOfMatch(extension.name, options, place);
    if (said === undefined) return undefined;
    if (extension.name === 'comment') comment = said;
    else words.push(said);
  }
  words.push('counter');
  if (action.kind === 'verdict') words.push(action.verdict.toLowerCase());
  else if (action.kind === 'chain') words.push(`${action.goto ? 'goto' : 'jump'} ${action.name}`);
  else if (action.kind === 'extension') {
    const { extension, data } = action.target;
    const said = wordsOfTarget(extension.name, optionsOf(extension.save(data)), family);
    if (said === undefined) return undefined;
    // MARK leaves a space behind.
    words.push(extension.name === 'MARK' && comment !== '' ? `${said} ` : said);
  }
  if (comment !== '') words.push(comment);
  return { text: words.join(' '), sets };
}

/** A name that nothing has is what "not any interface" comes to. */
function interfacePart(key: string, spec: { name: string; inverted: boolean }): string[] {
  return spec.name === '+' && spec.inverted ? [`${key} "INVAL/D"`] : interfaceWords(key, spec);
}

function connlimit(options: SavedOptions, ip: string, number: number): string {
  const above = options.value('connlimit-above');
  const bits = Number(options.value('connlimit-mask') ?? 32);
  const mask =
    ip === 'ip' && bits < 32
      ? ` and ${[24, 16, 8, 0]
          .map((at) => Math.max(0, Math.min(8, bits + at - 24)))
          .map((ones) => 256 - 2 ** (8 - ones))
          .join('.')}`
      : '';
  const side = options.has('connlimit-daddr') ? 'daddr' : 'saddr';
  return `add @connlimit${number} { ${ip} ${side}${mask} ct count ${above === undefined ? options.value('connlimit-upto') : `over ${above}`} }`;
}
