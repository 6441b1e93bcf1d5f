import type { Atom } from '../../kernel/netfilter/nftables/expression.ts';
import { readBits } from '../../kernel/netfilter/nftables/load.ts';
import type { TracedPacket, TracedVerdict, TraceMessage } from '../../kernel/netfilter/packet-trace.ts';
import { type Field, FIELDS, typeOfField } from './fields.ts';
import { CT_TYPES, META_TYPES } from './parse-selector.ts';
import type { Style } from './print-expression.ts';

/** Where the text of a rule comes from: what the reader knew of it. */
export type RuleLookup = (rule: object) => string | undefined;

/** A message of NFNLGRP_NFTRACE as `nft monitor trace` prints it (src/trace.c). */
export function* traceText(message: TraceMessage, ruleText: RuleLookup, style: Style): Generator<string> {
  const { id, family, table, chain, packet, rule, handle, verdict, mark } = message;
  const head = `trace id ${id.toString(16).padStart(8, '0')} ${family} ${table} ${chain} `;
  if (packet) {
    if (packet.tracked) yield `${head}conntrack: ${trackedText(packet.tracked, style)}\n`;
    yield `${head}packet: ${packetText(packet, family === 'inet', style)}\n`;
  }
  if (rule) {
    const text = ruleText(rule);
    yield `${head}${text === undefined ? `unknown rule handle ${handle}` : `rule ${text}`} (verdict ${verdictText(verdict)})\n`;
  } else yield `${head}policy ${verdict.kind} ${mark === 0 ? '' : `meta mark 0x${mark.toString(16).padStart(8, '0')} `}\n`;
}

function verdictText({ kind, chain }: TracedVerdict): string {
  return chain === undefined ? kind : `${kind} ${chain}`;
}

/** The bits of a packet's state as `ct state` has them (NF_CT_STATE_BIT). */
const STATE_BITS: Record<string, number> = { established: 2, related: 4, new: 8, untracked: 64 };

function trackedText({ connection, state, reply }: NonNullable<TracedPacket['tracked']>, style: Style): string {
  const stateText = `ct state ${CT_TYPES.state.show(STATE_BITS[state] ?? 0, style)} `;
  if (!connection) return stateText;
  const direction = `ct direction ${CT_TYPES.direction.show(reply ? 1 : 0, style)} `;
  const status = connection.status === 0 ? '' : `ct status ${CT_TYPES.status.show(connection.status, style)} `;
  return `${direction}${stateText}${status}ct id ${connection.id} `;
}

/** Fields of each header in the order in which they are shown; others are left out (struct proto_desc `order`, `filter`). */
const SHOWN: Record<string, readonly string[]> = {
  ether: ['saddr', 'daddr'],
  ip: ['saddr', 'daddr', 'dscp', 'ecn', 'ttl', 'id', 'protocol', 'length'],
  ip6: ['saddr', 'daddr', 'dscp', 'ecn', 'hoplimit', 'flowlabel', 'nexthdr', 'length'],
  tcp: ['sport', 'dport', 'flags', 'window'],
  udp: ['sport', 'dport', 'length', 'checksum'],
  icmp: ['type', 'code', 'id', 'sequence'],
};

const TRANSPORT: Record<number, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };
const ICMPV6 = 58;

function packetText(packet: TracedPacket, inet: boolean, style: Style): string {
  const { input, output, link, network, transport, nfproto, protocol } = packet;
  let text = '';
  if (input) text += `iif ${META_TYPES.iif.show(input.ifindex, style)} `;
  if (output) text += `oif ${META_TYPES.oif.show(output.ifindex, style)} `;
  if (link) text += headerText('ether', link, style, []);
  // The protocol says itself when the next header is shown; tables of both families say it still.
  const known = transport !== undefined && (TRANSPORT[protocol] !== undefined || protocol === ICMPV6);
  const implied = known && !inet ? ['protocol', 'nexthdr'] : [];
  if (nfproto === 4) text += headerText('ip', network, style, implied);
  else if (nfproto === 6) text += headerText('ip6', network, style, implied);
  if (transport) text += transportText(protocol, transport, style);
  return text;
}

function transportText(protocol: number, bytes: Uint8Array, style: Style): string {
  if (protocol === ICMPV6) return icmpv6Text(bytes, style);
  const name = TRANSPORT[protocol];
  return name === undefined ? '' : headerText(name, bytes, style, []);
}

/** nft takes the fields of all kinds of messages for one another's, and shows what little of an address there is. */
function icmpv6Text(bytes: Uint8Array, style: Style): string {
  const text = ['type', 'code'].map((name) => fieldText('icmpv6', name, bytes, style)).join('');
  if (bytes.length < 8) return text;
  const rest = readBits(bytes, 4, 0, 32);
  const address = bytes.length > 8 ? BigInt(readBits(bytes, 8, 0, (bytes.length - 8) * 8)) : 0n;
  const type = FIELDS.get('ip6')?.find(({ name }) => name === 'ip6 saddr');
  return `${text}icmpv6 parameter-problem ${rest} ${type ? `icmpv6 taddr ${typeOfField(type).show(address, style)} ` : ''}`;
}

function headerText(header: string, bytes: Uint8Array, style: Style, hidden: readonly string[]): string {
  return (SHOWN[header] ?? [])
    .filter((name) => !hidden.includes(name))
    .map((name) => fieldText(header, name, bytes, style))
    .join('');
}

function fieldText(header: string, name: string, bytes: Uint8Array, style: Style): string {
  const field = FIELDS.get(header)?.find((one) => one.name === `${header} ${name}`);
  if (!field || (field.offset + field.bits + 7) >> 3 > bytes.length) return '';
  const value = readBits(bytes, field.offset >> 3, field.offset & 7, field.bits);
  return `${field.name} ${valueText(field, value, style)} `;
}

/** A single flag by its name, several as a number. */
function valueText(field: Field, value: Atom, style: Style): string {
  const type = typeOfField(field);
  if (!type.flags) return type.show(value, style);
  const text = style.numeric ? ',' : type.show(value, style);
  return `== ${text.includes(',') ? `0x${Number(value).toString(16)}` : text}`;
}
