import type { NatStatement } from '../../kernel/netfilter/nftables/statement.ts';
import { typeNamed } from './datatype.ts';
import type { Evaluator } from './evaluate.ts';
import { reject } from './source.ts';
import type { Node, StatementNode } from './syntax.ts';

const SERVICE = typeNamed('inet_service');

type NatNode = StatementNode & { kind: 'nat' };

/** Whether the values behind an address expression are address and port (stmt_evaluate_nat_map). */
function yieldsPairs(evaluator: Evaluator, node: Node): boolean {
  if (node.kind !== 'map') return false;
  if (node.map.kind === 'named') return evaluator.table.sets.get(node.map.name.text)?.spec.data?.length === 2;
  return node.map.kind === 'set' && node.map.elements.some((element) => element.data?.kind === 'concat');
}

export function evaluateNat(evaluator: Evaluator, node: NatNode): NatStatement {
  const { table, protocols } = evaluator;
  const { nat, address, port, flags } = node;
  let { family } = node;
  if (family !== undefined && protocols.network !== undefined && family !== protocols.network) {
    const [own, other] = family === 4 ? ['ip6', 'ip'] : ['ip', 'ip6'];
    reject(`conflicting protocols specified: ${own} vs. ${other}. You must specify ip or ip6 family in ${nat} statement`, node.word);
  }
  family ??= protocols.network;
  if (address && family === undefined) reject(`specify \`${nat} ip' or '${nat} ip6' in ${table.family} table to disambiguate`, node.word);
  const pair = node.pair || (address !== undefined && yieldsPairs(evaluator, address));
  const type = evaluator.addressType(family ?? 4);
  const statement: NatStatement = {
    kind: 'nat',
    nat,
    family: undefined,
    only: undefined,
    address: undefined,
    port: undefined,
    pair,
    flags,
  };
  if (table.family === 'inet' || table.family === 'bridge') {
    if (address) statement.family = family;
    statement.only = family;
  } else if (pair) statement.family = family;
  if (address) statement.address = { ...ends(evaluator, address, pair ? [type, SERVICE] : [type]), prefix: undefined };
  if (port) statement.port = ends(evaluator, port, [SERVICE]);
  // The ports themselves may ask for a header, as `tcp dport map …` does.
  if (port && !hasTransport(evaluator))
    reject('transport protocol mapping is only valid after transport protocol match', port.at, [node.word]);
  return statement;
}

function hasTransport({ protocols }: Evaluator): boolean {
  return protocols.transport !== undefined || protocols.anyTransport;
}

function ends(
  evaluator: Evaluator,
  node: Node,
  types: Parameters<Evaluator['right']>[1],
): { from: ReturnType<Evaluator['right']>; to: ReturnType<Evaluator['right']> | undefined } {
  if (node.kind === 'range') return { from: evaluator.right(node.from, types), to: evaluator.right(node.to, types) };
  return { from: evaluator.right(node, types), to: undefined };
}
