import { strerror } from '../../base/errno.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { ListSet } from '../../kernel/netfilter/ipset/list-set.ts';
import type { IpSet } from '../../kernel/netfilter/ipset/set.ts';
import type { IpSets } from '../../kernel/netfilter/ipset/sets.ts';
import { type SetError, setType } from '../../kernel/netfilter/ipset/types.ts';
import { parseElementRequest } from './adt.ts';
import { parseCreate } from './create.ts';
import { rangeText } from './element.ts';
import { listLines, saveLines } from './print.ts';
import { jsonOf, xmlOf } from './render.ts';
import { failed, isRefusal, kernelRefusal, type Refusal, syntaxError } from './refusal.ts';
import type { Request } from './words.ts';

const MAX_NAME = 31;
/** Old names of types (the typename aliases of lib/). */
export const ALIASES: Readonly<Record<string, string>> = {
  iphash: 'hash:ip',
  nethash: 'hash:net',
  ipporthash: 'hash:ip,port',
  ipportiphash: 'hash:ip,port,ip',
  ipportnethash: 'hash:ip,port,net',
  netporthash: 'hash:net,port',
  netifacehash: 'hash:net,iface',
  machash: 'hash:mac',
  ipmap: 'bitmap:ip',
  portmap: 'bitmap:port',
  setlist: 'list:set',
};
/** Types that the tool knows and this kernel, like the recorded one, was built without. */
const ABSENT_TYPES: ReadonlySet<string> = new Set(['hash:net,port,net', 'hash:ip,mac', 'hash:ip,mark']);

/** What carrying out a command needs. */
export interface Session {
  sets: IpSets;
  lookup: Lookup;
}

/** Carries a command out. Returns why it wasn't, or false when a test found nothing. */
export function* perform(process: Process, session: Session, request: Request): Blocking<Refusal | false | undefined> {
  const { command, words } = request;
  const { sets } = session;
  const [name, second = ''] = words;
  const known = (error: SetError | undefined) => error && kernelRefusal(command, error);
  switch (command) {
    case 'create':
      return create(session, words, request.exist);
    case 'destroy':
      return known(name === undefined ? sets.destroyAll() : sets.destroy(name));
    case 'flush':
      if (name !== undefined && !sets.get(name)) return kernelRefusal(command, 'ENOENT');
      for (const set of sets.list()) if (name === undefined || set.name === name) set.flush();
      return undefined;
    case 'rename':
      return checkName(second) ?? known(sets.rename(name as string, second));
    case 'swap':
      return known(sets.swap(name as string, second));
    case 'list':
    case 'save':
      return yield* print(process, session, request);
    case 'add':
    case 'del':
    case 'test':
      return yield* change(process, session, request);
    default:
      return undefined;
  }
}

function checkName(name: string): Refusal | undefined {
  return name.length > MAX_NAME ? syntaxError(`setname '${name}' is longer than ${MAX_NAME} characters`) : undefined;
}

function create({ sets, lookup }: Session, words: readonly string[], exist: boolean): Refusal | undefined {
  const [name = '', written = '', ...rest] = words;
  const wrong = checkName(name);
  if (wrong) return wrong;
  const typeName = ALIASES[written] ?? written;
  if (ABSENT_TYPES.has(typeName)) return kernelRefusal('create', 'FIND_TYPE');
  const type = setType(typeName);
  if (!type) return syntaxError(`typename '${written}' is unknown`);
  const options = parseCreate(type, rest, lookup);
  if (isRefusal(options)) return options;
  const error = sets.create(name, typeName, options, exist);
  return error && kernelRefusal('create', error);
}

/** A change or test that has been understood. */
export interface Prepared {
  run(): SetError | undefined;
  /** The element, as `test` speaks of it. */
  text: string;
}

/** Reads `add`, `del` and `test`. */
export function prepare({ sets, lookup }: Session, request: Request): Prepared | Refusal {
  const command = request.command as 'add' | 'del' | 'test';
  const [name = '', ...words] = request.words;
  const wrong = checkName(name);
  if (wrong) return wrong;
  const set = sets.get(name);
  if (!set) return kernelRefusal(command, 'ENOENT');
  const parsed = parseElementRequest(command, set, words, lookup);
  if (isRefusal(parsed)) return parsed;
  const { element, reference, extensions } = parsed;
  const { exist } = request;
  if ('member' in element) {
    // The tool says `after` for both.
    const text = `${element.member}${reference ? ` after ${reference.name}` : ''}`;
    return { run: () => sets.member(set as ListSet, command, element.member, reference, extensions, exist), text };
  }
  const text = rangeText(set, element, lookup);
  if (command === 'add') return { run: () => sets.add(set, element, extensions, exist), text };
  if (command === 'del') return { run: () => sets.remove(set, element, exist), text };
  const run = () => {
    const found = set.test(element.parts);
    return found && found.nomatch === (extensions.nomatch === true && set.type.nomatch) ? undefined : 'EEXIST';
  };
  return { run, text };
}

function* change(process: Process, session: Session, request: Request): Blocking<Refusal | false | undefined> {
  const { command, words, quiet } = request;
  const prepared = prepare(session, request);
  if (isRefusal(prepared)) return prepared;
  const error = prepared.run();
  if (command !== 'test') return error && kernelRefusal(command, error);
  const { text } = prepared;
  if (!quiet) yield* process.write(2, error ? `${text} is NOT in set ${words[0]}.\n` : `Warning: ${text} is in set ${words[0]}.\n`);
  return error ? false : undefined;
}

function* print(process: Process, { sets, lookup }: Session, request: Request): Blocking<Refusal | undefined> {
  const { command, words, output, file, sorted, terse, names } = request;
  const [name] = words;
  const chosen = name === undefined ? sets.list() : [sets.get(name)];
  if (output === 'xml' || output === 'json') {
    if (chosen.includes(undefined)) return kernelRefusal(command, 'ENOENT');
    const render = output === 'xml' ? xmlOf : jsonOf;
    const rendered = [...render(sets, chosen as IpSet[], { terse, names, sorted }, lookup)].join('');
    return yield* deliver(process, rendered, file);
  }
  const save = output === 'save' || (output === undefined && command === 'save');
  let text = '';
  for (const [index, set] of chosen.entries()) {
    if (!set) return kernelRefusal(command, 'ENOENT');
    if (save) text += `${saveLines(set, sorted, lookup).join('\n')}\n`;
    else if (names) text += `${set.name}\n`;
    else text += `${index > 0 ? '\n' : ''}${listLines(sets, set, { terse, sorted }, lookup).join('\n')}\n`;
    yield* process.spend(20);
    if (file !== undefined) continue;
    yield* process.write(1, text);
    text = '';
  }
  return file === undefined ? undefined : yield* deliver(process, text, file);
}

function* deliver(process: Process, text: string, file: string | undefined): Blocking<Refusal | undefined> {
  if (file === undefined) {
    yield* process.write(1, text);
    return undefined;
  }
  const fd = process.open(file, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return failed(`Cannot open file ${file} for writing: ${strerror(fd)}`);
  yield* process.write(fd, text);
  process.close(fd);
  return undefined;
}
