import type { CtKey, Value } from '../../kernel/netfilter/nftables/expression.ts';
import type { Comparison, Operand, Reject, Statement } from '../../kernel/netfilter/nftables/statement.ts';
import { type DataType, typeNamed } from './datatype.ts';
import type { Evaluator, Typed } from './evaluate.ts';
import { evaluateNat } from './evaluate-nat.ts';
import { verdictOf } from './evaluate-set.ts';
import { fieldNamed } from './fields.ts';
import { sideBySide, withoutRepetition } from './protocols.ts';
import { refuse, reject, unmodelled } from './source.ts';
import type { Node, RuleNode, StatementNode } from './syntax.ts';
import { isConstant, maskOf, spanOf, readValue } from './values.ts';

/** Gives a rule its meaning, in the form that listings show. */
export function evaluateRule(evaluator: Evaluator, rule: RuleNode): Statement[] {
  const statements: Statement[] = [];
  let terminal: StatementNode | undefined;
  for (const node of rule.statements) {
    if (terminal) reject('Statement after terminal statement has no effect', node.at, [terminal.at]);
    const made = evaluateStatement(evaluator, node);
    for (const statement of made) evaluator.protocols.learn(statement);
    statements.push(...made);
    if (isTerminal(node)) terminal = node;
  }
  return sideBySide(withoutRepetition(statements, evaluator.table.family));
}

function isTerminal(node: StatementNode): boolean {
  return node.kind === 'nat' || node.kind === 'reject' || (node.kind === 'verdict' && node.verdict.kind !== 'continue');
}

function evaluateStatement(evaluator: Evaluator, node: StatementNode): Statement[] {
  const { table } = evaluator;
  switch (node.kind) {
    case 'match':
      return match(evaluator, node);
    case 'verdict':
      return [{ kind: 'verdict', verdict: verdictOf(table, node.verdict) }];
    case 'vmap': {
      const key = evaluator.left(node.key);
      return [{ kind: 'vmap', key: key.expression, map: evaluator.lookedUp(node.map, key.types, 'verdict', node.key.at) }];
    }
    case 'stateful':
      return [{ kind: 'stateful', state: { ...node.state } }];
    case 'object': {
      const states = table.objects[node.type];
      if (node.name && !states.has(node.name.text)) refuse('ENOENT', node.name.at);
      const key = node.map && evaluator.left(node.map.key);
      const map = node.map &&
        key && { key: key.expression, map: evaluator.lookedUp(node.map.map, key.types, undefined, node.map.key.at, node.type) };
      return [{ kind: 'object', type: node.type, name: node.name?.text, map, state: undefined, states }];
    }
    case 'log': {
      const { prefix, level, group, snaplen, threshold, flags } = node;
      if (level !== undefined && group !== undefined) reject('level and group are mutually exclusive', node.at);
      return [{ kind: 'log', prefix, level, group, snaplen, threshold, flags }];
    }
    case 'reject':
      return rejection(evaluator, node);
    case 'nat':
      return [evaluateNat(evaluator, node)];
    case 'notrack':
      return [{ kind: 'notrack' }];
    case 'set':
      return [assignment(evaluator, node)];
    case 'set-mss':
      return [{ kind: 'set-mss', value: node.value }];
    case 'update':
      return [update(evaluator, node)];
  }
}

function match(evaluator: Evaluator, node: StatementNode & { kind: 'match' }): Statement[] {
  const left = evaluator.left(node.left);
  const [type] = left.types as [DataType];
  const { right } = node;
  let { comparison } = node;
  if (right.kind === 'masked') {
    const mask = readValue(right.mask, type, evaluator);
    const value = readValue(right.value, type, evaluator);
    const expression = { kind: 'binary', operator: '&', left: left.expression, right: { kind: 'constant', value: mask } } as const;
    return [{ kind: 'match', left: expression, comparison: comparison === '!=' ? '!=' : '==', right: { kind: 'value', value } }];
  }
  const operand = operandOf(evaluator, right, left, node);
  const flags = type.flags && left.types.length === 1 && operand.kind === 'value' && left.expression.kind !== 'binary';
  comparison ??= flags ? 'any' : '==';
  if (comparison !== '==' && comparison !== '!=' && operand.kind !== 'value')
    reject('Relational expression not possible with this right-hand side', right.at);
  return [...before(evaluator, left), asBits({ kind: 'match', left: left.expression, comparison, right: operand }, type)];
}

/** `icmp id` is there in echo messages alone. */
function before(evaluator: Evaluator, { expression }: Typed): Statement[] {
  if (expression.kind !== 'payload') return [];
  const { name } = expression.field;
  const header = name.split(' ')[0] as string;
  if (name !== `${header} id` && name !== `${header} sequence`) return [];
  const values = header === 'icmp' ? ['echo-reply', 'echo-request'] : header === 'icmpv6' ? ['echo-request', 'echo-reply'] : [];
  const field = fieldNamed(`${header} type`);
  if (values.length === 0 || !field || evaluator.icmpTyped) return [];
  const at = { source: { name: undefined, text: '' }, start: 0, end: 0 };
  const elements = values.map((text) => ({
    key: { kind: 'word', text, quoted: false, at } as const,
    verdict: undefined,
    data: undefined,
    timeout: undefined,
    expires: undefined,
    comment: undefined,
    stateful: [],
    at,
  }));
  const set = evaluator.lookedUp({ kind: 'set', elements, at }, [field.type], undefined, at);
  return [{ kind: 'match', left: { kind: 'payload', field }, comparison: '==', right: { kind: 'set', set } }];
}

/** `tcp flags & syn != 0` asks for one of the bits, and is shown so. */
function asBits(statement: Statement & { kind: 'match' }, type: DataType): Statement {
  const masked = maskOf(statement.left);
  if (!masked || !type.flags || statement.right.kind !== 'value' || statement.right.value !== 0) return statement;
  if (statement.comparison !== '==' && statement.comparison !== '!=') return statement;
  const comparison: Comparison = statement.comparison === '!=' ? 'any' : 'none';
  return { ...statement, left: masked.left, comparison, right: { kind: 'value', value: masked.mask } };
}

function operandOf(evaluator: Evaluator, node: Node, left: Typed, statement: StatementNode & { kind: 'match' }): Operand {
  const { types } = left;
  const [only, second] = node.kind === 'set' ? node.elements : [];
  if (only?.key && !second && !only.data && !only.verdict && types.length === 1) return operandOf(evaluator, only.key, left, statement);
  if (node.kind === 'set' || node.kind === 'named')
    return { kind: 'set', set: evaluator.lookedUp(node, types, undefined, statement.left.at) };
  const parts = node.kind === 'concat' ? node.parts : [node];
  if (parts.length !== types.length)
    reject(
      'datatype mismatch, expected '.concat(describe(types), ', expression has type ', describe(types.slice(0, parts.length))),
      node.at,
    );
  if (parts.length > 1) return { kind: 'value', value: parts.map((part, i) => readValue(part, types[i] as DataType, evaluator)) as Value };
  const [type] = types as [DataType];
  if (node.kind === 'wildcard') return { kind: 'span', span: { from: node.text, to: node.text }, prefix: undefined };
  if (node.kind === 'selector' || !isConstant(node)) return unmodelled('a comparison of two expressions', node.at);
  if (node.kind !== 'prefix' && node.kind !== 'range') return { kind: 'value', value: readValue(node, type, evaluator) };
  const { span, prefix } = spanOf(node, type, evaluator);
  return span.from === span.to ? { kind: 'value', value: span.from } : { kind: 'span', span, prefix };
}

function describe(types: readonly DataType[]): string {
  const names = types.map((type) => type.description);
  return names.length === 1 ? (names[0] as string) : `concatenation of (${names.join(', ')})`;
}

const CODES = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: 'icmpx_code' } as const;
const PORT_UNREACHABLE = { 4: { type: 'icmp', code: 3 }, 6: { type: 'icmpv6', code: 4 } } as const;

function rejection(evaluator: Evaluator, node: StatementNode & { kind: 'reject' }): Statement[] {
  const { family } = evaluator.table;
  const { network, transport } = evaluator.protocols;
  if (node.type === 'tcp reset') {
    if (transport !== undefined && transport !== 6) reject('you cannot use tcp reset with this protocol', node.at);
    const made: Statement = { kind: 'reject', reject: { type: 'tcp reset' }, usual: false };
    if (transport === 6 || family === 'ip' || family === 'ip6') return [made];
    return [{ kind: 'match', left: { kind: 'meta', key: 'l4proto' }, comparison: '==', right: { kind: 'value', value: 6 } }, made];
  }
  let wanted: Reject;
  if (node.type === undefined || !node.code) wanted = network === undefined ? { type: 'icmpx', code: 1 } : PORT_UNREACHABLE[network];
  else {
    const { type, code } = node;
    const span = node.code.at;
    if (type === 'icmpx' && (family === 'ip' || family === 'ip6')) reject('abstracted ICMP unreachable not supported', span, [node.at]);
    const own = type === 'icmp' ? 4 : type === 'icmpv6' ? 6 : network;
    if (network !== undefined && own !== undefined && own !== network)
      reject(`conflicting protocols specified: ${network === 4 ? 'ip' : 'ip6'} vs ${own === 4 ? 'ip' : 'ip6'}`, span, [node.at]);
    const parsed = typeNamed(CODES[type]).parse(code.kind === 'word' ? code.text : '', evaluator);
    if (typeof parsed === 'object') return reject(`Could not parse reject ${type} code`, span);
    wanted = { type, code: parsed as number };
  }
  const usual =
    family === 'ip' || family === 'ip6'
      ? wanted.type !== 'icmpx' && wanted.code === PORT_UNREACHABLE[family === 'ip' ? 4 : 6].code
      : wanted.type === 'icmpx' && wanted.code === 1;
  return [{ kind: 'reject', reject: wanted, usual }];
}

function assignment(evaluator: Evaluator, node: StatementNode & { kind: 'set' }): Statement {
  const { target } = node;
  if (target.kind !== 'selector') return unmodelled('setting this', target.at);
  const { expression, type } = target;
  const value = () => evaluator.right(node.value, [type]);
  if (expression.kind === 'meta') {
    if (expression.key !== 'mark' && expression.key !== 'pkttype' && expression.key !== 'nftrace')
      return unmodelled(`setting "meta ${expression.key}"`, target.at);
    return { kind: 'set-meta', key: expression.key, value: value() };
  }
  if (expression.kind === 'ct') {
    const { key, direction } = expression;
    if (key !== 'mark' && key !== 'zone' && key !== 'label') return unmodelled(`setting "ct ${key satisfies CtKey}"`, target.at);
    return { kind: 'set-ct', key, direction, value: value() };
  }
  if (expression.kind !== 'payload') return unmodelled('setting this', target.at);
  evaluator.left(target);
  return { kind: 'set-payload', field: expression.field, value: value() };
}

function update(evaluator: Evaluator, node: StatementNode & { kind: 'update' }): Statement {
  const set = evaluator.namedSet({ text: node.set.text, at: node.set.at }, node.set.at);
  const key = evaluator.left(node.key);
  const data = node.data && evaluator.right(node.data, (set.spec.data ?? []).map(typeNamed));
  const timeout = node.timeout === undefined ? undefined : node.timeout * 1000;
  if (timeout !== undefined && !set.spec.flags.has('timeout') && set.spec.timeout === undefined) refuse('EOPNOTSUPP', node.set.at);
  return { kind: 'update', operation: node.operation, set, key: key.expression, data, timeout, stateful: node.stateful };
}
