import { formatIP, type IP } from '../../../base/address.ts';
import type { AddressSpec, InterfaceSpec, Rule } from './rule.ts';

/** Protocols that rules are saved with by name; all others are saved as numbers (xtables_chain_protos). */
export const SAVED_PROTOCOLS: readonly (readonly [string, number])[] = [
  ['tcp', 6],
  ['sctp', 132],
  ['udp', 17],
  ['udplite', 136],
  ['icmp', 1],
  ['ipv6-icmp', 58],
  ['esp', 50],
  ['ah', 51],
  ['dccp', 33],
  ['ipcomp', 108],
  ['mobility-header', 135],
];

/** A protocol as rules are saved. */
export function protocolText(protocol: number): string {
  return SAVED_PROTOCOLS.find(([, number]) => number === protocol)?.[0] ?? String(protocol);
}

/** The prefix length of a mask, or `undefined` if it has holes. */
export function prefixLength(mask: IP): number | undefined {
  const bits = typeof mask === 'number' ? 32 : 128;
  const text = (typeof mask === 'number' ? mask >>> 0 : mask).toString(2).padStart(bits, '0');
  const ones = text.indexOf('0');
  if (ones < 0) return bits;
  return text.indexOf('1', ones) < 0 ? ones : undefined;
}

/** `ADDRESS/LENGTH`, or with the mask in full where it has holes. */
export function addressText(spec: AddressSpec): string {
  const length = prefixLength(spec.mask);
  return `${formatIP(spec.address)}/${length ?? formatIP(spec.mask)}`;
}

/** What comes before the target: ` -s …`, ` -m …`. */
export function saveMatches(rule: Rule): string {
  const { header } = rule;
  let text = '';
  if (header.source) text += `${header.source.inverted ? ' !' : ''} -s ${addressText(header.source)}`;
  if (header.destination) text += `${header.destination.inverted ? ' !' : ''} -d ${addressText(header.destination)}`;
  if (header.input) text += interfaceText('-i', header.input);
  if (header.output) text += interfaceText('-o', header.output);
  if (header.protocol !== 0) text += `${header.protocolInverted ? ' !' : ''} -p ${protocolText(header.protocol)}`;
  if (header.fragment) text += `${header.fragment.inverted ? ' !' : ''} -f`;
  for (const { extension, data } of rule.matches) text += ` -m ${extension.name}${extension.save(data)}`;
  return text;
}

/** ` -j TARGET …`, ` -g CHAIN`, or nothing. */
export function saveTarget(rule: Rule): string {
  const { action } = rule;
  switch (action.kind) {
    case 'none':
      return '';
    case 'verdict':
      return ` -j ${action.verdict}`;
    case 'chain':
      return ` ${action.goto ? '-g' : '-j'} ${action.chain?.name ?? action.name}`;
    case 'extension': {
      const { extension, data } = action.target;
      return ` -j ${extension.name}${extension.save(data)}`;
    }
  }
}

/** A rule as iptables-save prints it, without `-A CHAIN`. */
export function saveRule(rule: Rule): string {
  return `${saveMatches(rule)}${saveTarget(rule)}`.slice(1);
}

/** With `+` alone any interface matches, which is not worth saying. */
function interfaceText(option: string, spec: InterfaceSpec): string {
  return `${spec.inverted ? ' !' : ''} ${option} ${spec.name}`;
}
