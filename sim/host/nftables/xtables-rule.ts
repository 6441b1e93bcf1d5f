import { formatIP, type IP } from '../../base/address.ts';
import type { Family } from '../../kernel/netfilter/hooks.ts';
import type { InterfaceSpec, Rule } from '../../kernel/netfilter/tables/rule.ts';
import { prefixLength } from '../../kernel/netfilter/tables/save.ts';
import { typeNamed } from './datatype.ts';
import type { Style } from './print-expression.ts';
import { translateMatch } from './xtables-match.ts';
import { translateTarget } from './xtables-target.ts';
import { optionsOf } from './xtables-options.ts';

/** A rule of iptables in nft's words. */
export interface Translated {
  text: string;
  /** It has a match or target of xtables in it. */
  foreign: boolean;
  /** The text in pieces, up to a verdict: nft's own, and matches and targets of xtables by name. */
  pieces: readonly { text: string; extension: { type: 'match' | 'target'; name: string } | undefined }[];
}

export function translateRule(rule: Rule, family: Family, style: Style): Translated {
  const { header, action } = rule;
  const ip = family === 4 ? 'ip' : 'ip6';
  const words: string[] = [];
  const pieces: { text: string; extension: { type: 'match' | 'target'; name: string } | undefined }[] = [];
  let foreign = false;
  if (header.source) words.push(address(`${ip} saddr`, header.source));
  if (header.destination) words.push(address(`${ip} daddr`, header.destination));
  if (header.input) words.push(...interfaceWords('iifname', header.input));
  if (header.output) words.push(...interfaceWords('oifname', header.output));
  const matches = rule.matches.map(({ extension, data }) =>
    translateMatch(extension.name, optionsOf(extension.save(data)), { family, protocol: header.protocolInverted ? 0 : header.protocol }),
  );
  const protocol = typeNamed('inet_proto').show(header.protocol, style);
  // Matches of nf_tables' own that ask for a port say the protocol themselves.
  const said = matches.some((match) => match.saysProtocol);
  if (header.protocol !== 0 && !said)
    words.push(`${family === 4 ? 'ip protocol' : 'meta l4proto'} ${header.protocolInverted ? '!= ' : ''}${protocol}`);
  if (header.fragment) words.push(`ip frag-off & 0x1fff ${header.fragment.inverted ? '==' : '!='} 0x0`);
  for (const text of words) pieces.push({ text, extension: undefined });
  for (const [i, match] of matches.entries()) {
    if (match.text !== '') words.push(match.text);
    const name = rule.matches[i]?.extension.name ?? '';
    if (match.foreign) pieces.push({ text: match.text, extension: { type: 'match', name } });
    else if (match.text !== '' && name !== 'comment') pieces.push({ text: match.text, extension: undefined });
    foreign ||= match.foreign;
  }
  const counter = style.stateless ? 'counter' : `counter packets ${rule.packets} bytes ${rule.bytes}`;
  words.push(counter);
  pieces.push({ text: counter, extension: undefined });
  if (action.kind === 'verdict') words.push(action.verdict.toLowerCase());
  else if (action.kind === 'chain') words.push(`${action.goto ? 'goto' : 'jump'} ${action.chain?.name ?? action.name}`);
  else if (action.kind === 'extension') {
    const { extension, data } = action.target;
    const target = translateTarget(extension.name, optionsOf(extension.save(data)), family);
    words.push(target.text);
    pieces.push({ text: target.text, extension: target.foreign ? { type: 'target', name: extension.name } : undefined });
    foreign ||= target.foreign;
  }
  return { text: words.join(' '), foreign, pieces };
}

export function address(field: string, { address: value, mask, inverted }: { address: IP; mask: IP; inverted: boolean }): string {
  const length = prefixLength(mask);
  const bits = typeof mask === 'number' ? 32 : 128;
  if (length === undefined) return `${field} & ${formatIP(mask)} ${inverted ? '!=' : '=='} ${formatIP(value)}`;
  return `${field} ${inverted ? '!= ' : ''}${formatIP(value)}${length === bits ? '' : `/${length}`}`;
}

export function interfaceWords(key: string, { name, inverted }: InterfaceSpec): string[] {
  if (name === '+' && !inverted) return [];
  return [`${key} ${inverted ? '!= ' : ''}"${name.replace(/\+$/, '*')}"`];
}
