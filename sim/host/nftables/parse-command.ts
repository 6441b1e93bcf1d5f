import { NFT_FAMILIES, type NftFamily, type ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { ObjectState } from '../../kernel/netfilter/nftables/stateful.ts';
import { EXPECTED, KEYWORDS } from './expected.ts';
import { NO_CHAIN, takeChainLine } from './parse-chain.ts';
import { parseDescribed, parseList, parseSet, parseVariable } from './parse-expression.ts';
import { Parser } from './parser.ts';
import { parseSetBlock } from './parse-set.ts';
import { parseRule } from './parse-statement.ts';
import { parseCounter, parseLimit, parseQuota } from './parse-stateful.ts';
import { reject, type Span, unmodelled, wholeCommand } from './source.ts';
import type { ChainNode, Command, Listed, Monitored, Target } from './syntax.ts';

/** Keywords that commands begin with, `add` left out or not. */
const STARTS = new Set(
  'synproxy table chain rule set element map flowtable inet netdev bridge arp ip ip6 ct counter last tunnel limit quota secmark'.split(' '),
);

const OBJECTS: readonly string[] = ['counter', 'quota', 'limit'];
const UNMODELLED_OBJECTS = ['flowtable', 'synproxy', 'secmark', 'tunnel', 'ct'];

/** All commands of a text. */
export function parseCommands(parser: Parser): Command[] {
  const commands: Command[] = [];
  for (;;) {
    parser.skipSeparators();
    if (parser.token.kind === 'end') break;
    parser.recover(() => {
      if (!takeDefinition(parser, commands)) parseCommand(parser, commands);
      if (!parser.atEnd) parser.unexpected(EXPECTED.end);
    });
  }
  parser.finish();
  return commands;
}

/** `define`, `redefine`, `undefine` and `include`. */
function takeDefinition(parser: Parser, commands: Command[]): boolean {
  if (parser.isOneOf('define', 'redefine')) {
    const again = parser.next().text === 'redefine';
    const name = parser.name('<string>');
    if (!again && parser.variables.has(name.text)) reject(`redefinition of symbol '${name.text}'`, name.at);
    parser.expect('=', '=');
    const sign = parser.is('-') && parser.peek().kind === 'number';
    if (sign) parser.next();
    const node = parseList(parser);
    parser.variables.set(name.text, sign && node.kind === 'word' ? { ...node, text: `-${node.text}` } : node);
    return true;
  }
  if (parser.accept('undefine')) {
    parser.variables.delete(parser.name('<string>').text);
    return true;
  }
  if (!parser.accept('include')) return false;
  const { at } = parser.last;
  const path = parser.string();
  const sources = parser.include(path);
  if (!sources) reject(`File not found: ${path}`, wholeCommand(parser.since(at)));
  for (const source of sources as NonNullable<typeof sources>)
    commands.push(...parseCommands(new Parser(source, parser.lookup, parser.variables, parser.include)));
  return true;
}

function parseCommand(parser: Parser, commands: Command[]): void {
  const start = parser.token.at;
  const word = parser.token.kind === 'word' ? parser.token.text : '';
  switch (word) {
    case 'add':
    case 'create':
    case 'insert':
    case 'replace':
      parser.next();
      return add(parser, commands, word, start);
    case 'delete':
    case 'destroy':
    case 'get':
      parser.next();
      commands.push(remove(parser, word, start));
      return;
    case 'list':
    case 'reset':
      parser.next();
      commands.push(list(parser, word, start));
      return;
    case 'flush':
      parser.next();
      commands.push(flush(parser, start));
      return;
    case 'rename': {
      parser.next();
      parser.expect('chain', 'chain');
      const target = named(parser);
      const newName = parser.name(EXPECTED.name);
      commands.push({ op: 'rename', what: 'chain', target, newName, at: parser.since(start) });
      return;
    }
    case 'monitor':
      parser.next();
      commands.push(monitor(parser, start));
      return;
    case 'describe': {
      parser.next();
      const target: Target = { family: 'ip', familyGiven: false, table: undefined, name: undefined, handle: undefined };
      const node = parseDescribed(parser);
      commands.push({ op: 'describe', what: 'expression', node, target, at: parser.since(start) });
      return;
    }
    case 'export':
    case 'import':
      return unmodelled(`"${word}"`, start);
    default:
      if (!STARTS.has(word) && (word === '' || KEYWORDS.has(word))) return parser.unexpected(EXPECTED.command);
      // A rule or table without `add`.
      add(parser, commands, 'add', start);
  }
}

function familyOf(parser: Parser): { family: NftFamily; familyGiven: boolean } {
  const family = NFT_FAMILIES.find((name) => parser.is(name));
  if (family) parser.next();
  return { family: family ?? 'ip', familyGiven: family !== undefined };
}

/** `[FAMILY] TABLE` */
function tabled(parser: Parser): Target {
  const { family, familyGiven } = familyOf(parser);
  return { family, familyGiven, table: parser.name(familyGiven ? EXPECTED.name : EXPECTED.family), name: undefined, handle: undefined };
}

/** `[FAMILY] TABLE NAME` */
function named(parser: Parser): Target {
  const target = tabled(parser);
  return { ...target, name: parser.name(EXPECTED.name) };
}

type Adding = 'add' | 'create' | 'insert' | 'replace';

function add(parser: Parser, commands: Command[], op: Adding, start: Span): void {
  const word = parser.token.kind === 'word' ? parser.token.text : '';
  if (op === 'insert' || op === 'replace') {
    parser.expect('rule', 'rule');
    commands.push(rule(parser, op, start));
    return;
  }
  if (word === 'table') {
    parser.next();
    table(parser, commands, op, start);
  } else if (word === 'chain') {
    parser.next();
    const target = named(parser);
    const rules: Command[] = [];
    const chain = parser.is('{') ? chainBlock(parser, target, rules) : undefined;
    commands.push({ op, what: 'chain', target, chain, at: parser.since(start) }, ...rules);
  } else if (word === 'set' || word === 'map') {
    parser.next();
    const target = named(parser);
    const set = parseSetBlock(parser, word === 'map');
    commands.push({ op, what: word, target, set, at: parser.since(start) });
  } else if (word === 'element') {
    parser.next();
    commands.push(element(parser, op, start));
  } else if (OBJECTS.includes(word)) {
    parser.next();
    commands.push(object(parser, op, word as ObjectType, named(parser), start));
  } else if (word === 'flowtable') {
    parser.next();
    named(parser);
    skipBlock(parser);
    // As of a kernel without CONFIG_NF_FLOW_TABLE.
    reject('Could not process rule: No such file or directory', wholeCommand(parser.since(start)));
  } else if (UNMODELLED_OBJECTS.includes(word)) unmodelled(`"${word}"`, start);
  else if (word === 'rule') {
    parser.next();
    commands.push(rule(parser, op, start));
  } else {
    // `add TABLE CHAIN RULE`: the word `rule` may be left out.
    if (parser.token.kind !== 'word') parser.unexpected(EXPECTED.add);
    commands.push(rule(parser, op, start));
  }
}

function rule(parser: Parser, op: Adding, start: Span): Command {
  const target = named(parser);
  let position: { value: number; at: Span } | undefined;
  let index: { value: number; at: Span } | undefined;
  if (op === 'replace') parser.expect('handle', EXPECTED.handle);
  if (op === 'replace') target.handle = parser.number();
  else if (parser.isOneOf('position', 'handle')) {
    parser.next();
    position = parser.number();
  } else if (parser.accept('index')) index = parser.number();
  const body = parseRule(parser);
  return { op, what: 'rule', target, rule: body, index, position, at: parser.since(start) };
}

function element(parser: Parser, op: 'add' | 'create' | 'delete' | 'destroy' | 'get' | 'reset', start: Span): Command {
  const target = named(parser);
  const node = parser.is('$') ? parseVariable(parser) : parser.is('{') ? parseSet(parser) : parser.unexpected("'{', '$'");
  if (node.kind !== 'set') return parser.unexpected(EXPECTED.block);
  return { op, what: 'element', target, elements: node.elements, whole: node.at, at: parser.since(start) };
}

/**
 * Lines between braces, each ended by a newline or semicolon.
 * @param line true when the closing brace may follow at once
 * @param expected what could stand there when the text ends too early
 */
function block(parser: Parser, line: () => boolean | undefined, expected?: string): void {
  parser.next();
  for (;;) {
    parser.skipSeparators();
    if (parser.accept('}')) return;
    if (expected !== undefined && parser.token.kind === 'end') parser.endOfFile(expected);
    parser.recover(() => {
      const whole = line() === true;
      if (parser.is('}') && (whole || parser.last.text === '}')) return;
      if (!parser.atSeparator) parser.unexpected(EXPECTED.separator);
    });
  }
}

/** Passes over what stands between braces. */
function skipBlock(parser: Parser): void {
  if (!parser.is('{')) return;
  let depth = 0;
  do {
    if (parser.token.kind === 'end') parser.unexpected(EXPECTED.separator);
    if (parser.is('{')) depth++;
    if (parser.is('}')) depth--;
    parser.next();
  } while (depth > 0);
}

/** A table's lines become commands: chains and sets first, so that rules may name any of them. */
function table(parser: Parser, commands: Command[], op: 'add' | 'create', start: Span): void {
  const target = tabled(parser);
  let comment: string | undefined;
  let dormant: boolean | undefined;
  const chains: Command[] = [];
  const sets: Command[] = [];
  const objects: Command[] = [];
  const rules: Command[] = [];
  if (parser.is('{')) {
    const outer = new Map(parser.variables);
    block(
      parser,
      () => {
        const at = parser.token.at;
        const word = parser.token.kind === 'word' ? parser.token.text : '';
        if (takeDefinition(parser, commands)) return;
        if (word === 'comment') {
          parser.next();
          comment = parser.string();
        } else if (word === 'flags') {
          parser.next();
          if (parser.is('owner') || parser.is('persist')) unmodelled(`the table flag "${parser.token.text}"`, parser.token.at);
          parser.expect('dormant', 'dormant, owner, persist');
          dormant = true;
        } else if (word === 'chain') {
          parser.next();
          const inside = { ...target, name: parser.name(EXPECTED.name) };
          const chain = chainBlock(parser, inside, rules);
          chains.push({ op: 'add', what: 'chain', target: inside, chain, at: parser.since(at) });
        } else if (word === 'set' || word === 'map') {
          parser.next();
          const inside = { ...target, name: parser.name(EXPECTED.name) };
          sets.push({ op: 'add', what: word, target: inside, set: parseSetBlock(parser, word === 'map'), at: parser.since(at) });
        } else if (OBJECTS.includes(word)) {
          parser.next();
          const inside = { ...target, name: parser.name(EXPECTED.name) };
          objects.push(object(parser, 'add', word as ObjectType, inside, at));
        } else if (UNMODELLED_OBJECTS.includes(word)) unmodelled(`"${word}"`, at);
        else parser.unexpected(EXPECTED.tableLine);
      },
      EXPECTED.tableLine,
    );
    parser.variables.clear();
    for (const [name, value] of outer) parser.variables.set(name, value);
  } else if (!parser.atEnd) parser.unexpected(EXPECTED.endOrBlock);
  commands.push({ op, what: 'table', target, comment, dormant, at: parser.since(start) }, ...chains, ...objects, ...sets, ...rules);
}

function chainBlock(parser: Parser, target: Target, rules: Command[]): ChainNode {
  const chain = { ...NO_CHAIN };
  block(
    parser,
    () => {
      if (takeDefinition(parser, rules)) return;
      const at = parser.token.at;
      if (takeChainLine(parser, chain)) return;
      const body = parseRule(parser);
      rules.push({ op: 'add', what: 'rule', target, rule: body, index: undefined, position: undefined, at: parser.since(at) });
      return;
    },
    EXPECTED.chainLine,
  );
  return chain;
}

const EMPTY: Record<ObjectType, () => ObjectState> = {
  counter: () => ({ kind: 'counter', packets: 0, bytes: 0 }),
  quota: () => ({ kind: 'quota', bytes: 0, used: 0, over: false }),
  limit: () => ({ kind: 'limit', rate: 0, unit: 1, bytes: false, burst: 5, over: false, tokens: undefined, last: 0 }),
};

function object(parser: Parser, op: 'add' | 'create', what: ObjectType, target: Target, start: Span): Command {
  const read = (): ObjectState => (what === 'counter' ? parseCounter(parser) : what === 'quota' ? parseQuota(parser) : parseLimit(parser));
  let state = EMPTY[what]();
  let comment: string | undefined;
  if (parser.is('{')) {
    block(parser, () => {
      if (parser.accept('comment')) {
        comment = parser.string();
      } else state = read();
      return true;
    });
  } else if (!parser.atEnd && !parser.is('}')) state = read();
  return { op, what, target, state, comment, at: parser.since(start) };
}

function remove(parser: Parser, op: 'delete' | 'destroy' | 'get', start: Span): Command {
  const word = parser.token.kind === 'word' ? parser.token.text : '';
  if (word === 'element') {
    parser.next();
    return element(parser, op, start);
  }
  if (op === 'get') return parser.unexpected('element');
  if (word === 'chain') {
    parser.next();
    const target = byHandle(parser, () => named(parser), false);
    if (!parser.atEnd) parser.unexpected(EXPECTED.endOrBlock);
    return { op, what: word, target, at: parser.since(start) };
  }
  if (UNMODELLED_OBJECTS.includes(word)) unmodelled(`"${word}"`, start);
  if (word !== 'table' && word !== 'chain' && word !== 'rule' && word !== 'set' && word !== 'map' && !OBJECTS.includes(word))
    parser.unexpected(EXPECTED.add);
  parser.next();
  const what = word as 'table' | 'chain' | 'rule' | 'set' | 'map' | ObjectType;
  if (what === 'table') return { op, what, target: byHandle(parser, () => tabled(parser), true), at: parser.since(start) };
  if (what !== 'rule') return { op, what, target: byHandle(parser, () => named(parser), false), at: parser.since(start) };
  const target = named(parser);
  if (!parser.is('handle')) parser.unexpected(EXPECTED.handle);
  parser.next();
  target.handle = parser.number();
  return { op, what, target, at: parser.since(start) };
}

/** `[FAMILY] TABLE handle N` instead of a name. */
function byHandle(parser: Parser, otherwise: () => Target, table: boolean): Target {
  const shift = NFT_FAMILIES.some((name) => parser.is(name)) ? 1 : 0;
  const at = table ? shift : shift + 1;
  const token = at === 0 ? parser.token : parser.peek(at);
  if (token.text !== 'handle' || parser.peek(at + 1).kind !== 'number') return otherwise();
  const target: Target = { ...familyOf(parser), table: undefined, name: undefined, handle: undefined };
  if (!table) target.table = parser.name(EXPECTED.name);
  parser.next();
  target.handle = parser.number();
  return target;
}

const PLURALS: readonly string[] = [
  'tables',
  'chains',
  'sets',
  'maps',
  'meters',
  'flowtables',
  'synproxys',
  'secmarks',
  'tunnels',
  'counters',
  'quotas',
  'limits',
  'rules',
];
/** Objects of connection tracking, none of which can be made here. */
const CT_OBJECTS: readonly string[] = ['timeout', 'count', 'expectation', 'helper', 'counts', 'helpers'];
/** Other objects of which there are none. */
const ABSENT: readonly string[] = ['secmark', 'synproxy', 'flowtable', 'tunnel'];

function list(parser: Parser, op: 'list' | 'reset', start: Span): Command {
  const word = parser.token.kind === 'word' ? parser.token.text : '';
  if (word === 'element' && op === 'reset') {
    parser.next();
    return element(parser, op, start);
  }
  if (op === 'reset' && UNMODELLED_OBJECTS.includes(word)) unmodelled(`"${op} ${word}"`, start);
  const none: Target = { family: 'ip', familyGiven: false, table: undefined, name: undefined, handle: undefined };
  if (word === 'hooks' && op === 'list') {
    parser.next();
    const target = { ...none, ...familyOf(parser) };
    if (parser.accept('device')) target.name = parser.name(EXPECTED.name);
    if (!parser.atEnd) parser.unexpected(target.familyGiven ? EXPECTED.hooksOfFamily : target.name ? EXPECTED.end : EXPECTED.hooks);
    return { op, what: 'hooks', target, at: parser.since(start) };
  }
  if (word === 'ruleset' || PLURALS.includes(word)) {
    parser.next();
    const target = { ...none, ...familyOf(parser) };
    if (word !== 'ruleset' && word !== 'tables') {
      if (parser.accept('table')) Object.assign(target, tabled(parser));
      else if (word === 'rules' && parser.token.kind === 'word') Object.assign(target, { table: parser.name(EXPECTED.name) });
    }
    if (!parser.atEnd) parser.unexpected(word === 'ruleset' && !target.familyGiven ? EXPECTED.ruleset : EXPECTED.end);
    return { op, what: word as Listed, target, at: parser.since(start) };
  }
  if (word === 'flow') {
    // An old way to speak of meters.
    parser.next();
    if (!parser.isOneOf('table', 'tables')) parser.unexpected('table, tables');
    if (parser.next().text === 'table') return { op, what: 'meter', target: named(parser), at: parser.since(start) };
    const target = { ...none, ...familyOf(parser) };
    if (!parser.atEnd) parser.unexpected(EXPECTED.ruleset);
    return { op, what: 'meters', target, at: parser.since(start) };
  }
  if (word === 'ct' && op === 'list') {
    parser.next();
    if (!parser.isOneOf(...CT_OBJECTS)) parser.unexpected(CT_OBJECTS.join(', '));
    if (parser.isOneOf('counts', 'helpers')) {
      parser.next();
      parser.expect('table', 'table');
      const target = tabled(parser);
      return { op, what: 'ct objects', target, at: parser.since(start) };
    }
    parser.next();
    return { op, what: 'ct object', target: named(parser), at: parser.since(start) };
  }
  if (ABSENT.includes(word) && op === 'list') {
    parser.next();
    return { op, what: 'ct object', target: named(parser), at: parser.since(start) };
  }
  const singular = ['table', 'chain', 'set', 'map', 'meter', ...OBJECTS];
  if (op === 'reset' && word === 'rule') unmodelled('"reset rule"', start);
  if (!singular.includes(word)) parser.unexpected(EXPECTED.list);
  parser.next();
  const target = word === 'table' ? tabled(parser) : named(parser);
  return { op, what: word as Listed, target, at: parser.since(start) };
}

const MONITORED: readonly string[] = ['tables', 'chains', 'rules', 'sets', 'ruleset', 'trace', 'elements'];

/** `monitor [new|destroy] [OBJECT] [FORMAT]` */
function monitor(parser: Parser, start: Span): Command {
  const event = parser.isOneOf('new', 'destroy') ? (parser.next().text as 'new' | 'destroy') : undefined;
  const what = MONITORED.some((name) => parser.is(name)) ? (parser.next().text as Monitored) : 'any';
  let format: 'json' | 'xml' | undefined;
  if (parser.accept('vm')) {
    parser.expect('json', 'json');
    format = 'json';
  } else if (parser.isOneOf('json', 'xml')) format = parser.next().text as 'json' | 'xml';
  const target: Target = { family: 'ip', familyGiven: false, table: undefined, name: undefined, handle: undefined };
  if (!parser.atEnd) {
    const objects = what === 'any' ? 'tables, chains, rules, sets, ruleset, trace, ' : '';
    const events = event === undefined && what === 'any' ? 'new, destroy, ' : '';
    const rest = what === 'any' ? 'elements, ' : '';
    parser.unexpected(`${EXPECTED.end}${format ? '' : `, ${objects}${events}${rest}xml, json, vm`}`);
  }
  return { op: 'monitor', what, event, format, target, at: parser.since(start) };
}

function flush(parser: Parser, start: Span): Command {
  const word = parser.token.kind === 'word' ? parser.token.text : '';
  if (word === 'ruleset') {
    parser.next();
    return {
      op: 'flush',
      what: 'ruleset',
      target: { ...familyOf(parser), table: undefined, name: undefined, handle: undefined },
      at: parser.since(start),
    };
  }
  if (word !== 'table' && word !== 'chain' && word !== 'set' && word !== 'map' && word !== 'meter')
    return parser.unexpected('table, chain, set, map, flow, meter, ruleset');
  parser.next();
  const target = word === 'table' ? tabled(parser) : named(parser);
  return { op: 'flush', what: word === 'meter' ? 'set' : word, target, at: parser.since(start) };
}
