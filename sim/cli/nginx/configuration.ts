import { decode } from '../../base/bytes.ts';
import { ERRNO, strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import { globMatcher } from '../tool/glob.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { FIDELITY } from '../command.ts';
import { resolveName } from '../name-resolution.ts';
import { addressText } from './address.ts';
import { checkValue, rulesOf } from './directives.ts';
import { blockContents, blockOf, COMBINED, handle } from './handlers.ts';
import { type AccessLog, Scope } from './scope.ts';
import { compileTemplate, type Template } from './template.ts';
import { ConfigError, type Statement, Tokens } from './tokens.ts';
import { makePeer, type UpstreamDefinition } from './upstream.ts';
import { isBuiltIn } from './variables.ts';

/** A value chosen by another's (`map`). */
export interface VariableMap {
  source: Template;
  hostnames: boolean;
  entries: { key: string; regex?: RegExp; value: Template }[];
  initial: Template;
}

/** A configuration that has been read whole. */
export interface Configuration {
  main: Scope;
  http: Scope | undefined;
  servers: readonly Scope[];
  maps: ReadonlyMap<string, VariableMap>;
  /** Every file that was read with its text, for `-T`. */
  files: readonly { path: string; text: string }[];
  warnings: readonly string[];
  upstreams: ReadonlyMap<string, UpstreamDefinition>;
  /** Where requests are logged unless a block says otherwise. */
  accessLogs: AccessLog[];
  /** The file with the master's number. */
  pid: string;
}

/** What is collected while files are read. */
export class Parsing {
  readonly process: Process;
  readonly main = new Scope('main');
  http: Scope | undefined;
  readonly servers: Scope[] = [];
  readonly maps = new Map<string, VariableMap>();
  readonly files: { path: string; text: string }[] = [];
  readonly warnings: string[] = [];
  readonly upstreams = new Map<string, UpstreamDefinition>();
  readonly formats = new Map<string, Template>();
  /** Upstreams known by an address or a name only, to be looked up when everything has been read. */
  readonly implicit: { upstream: UpstreamDefinition; host: string; port: number; where: string | undefined }[] = [];
  readonly used = new Set<string>();
  readonly defined = new Set<string>();
  readonly directory: string;

  constructor(process: Process, directory: string) {
    this.process = process;
    this.directory = directory;
  }

  template(text: string, tokens: Tokens): Template | ConfigError {
    const compiled = compileTemplate(text, (name) => this.used.add(name));
    return 'error' in compiled ? tokens.error(compiled.error) : compiled;
  }

  /** A file name of the configuration, which is relative to the main file. */
  path(name: string): string {
    return name.startsWith('/') ? name : `${this.directory}/${name}`;
  }
}

/** Reads a configuration file and everything that it includes. @param globals what `-g` gives */
export function* readConfiguration(process: Process, path: string, globals = ''): Blocking<Configuration | ConfigError> {
  const parsing = new Parsing(process, path.slice(0, path.lastIndexOf('/')) || '/');
  if (globals !== '') {
    const failed = yield* parseBlock(parsing, new Tokens(globals, '', true), parsing.main);
    if (failed) return failed;
  }
  const failed = yield* parseFile(parsing, path, parsing.main);
  if (failed) return failed;
  const { main, http, servers, maps, files, warnings, upstreams } = parsing;
  const combined = compileTemplate(COMBINED, () => {});
  const accessLogs = http && !('error' in combined) ? [{ path: '/var/log/nginx/access.log', format: combined }] : [];
  const pid = parsing.path(main.values.get('pid')?.[0] ?? '/run/nginx.pid');
  return { main, http, servers, maps, files, warnings, upstreams, accessLogs, pid };
}

function* parseFile(parsing: Parsing, path: string, scope: Scope, where?: Tokens): Blocking<ConfigError | undefined> {
  const bytes = yield* parsing.process.readFile(path);
  if (typeof bytes === 'string') {
    const message = `open() "${path}" failed (${ERRNO[bytes]}: ${strerror(bytes)})`;
    return where ? where.error(message) : new ConfigError(message);
  }
  const text = decode(bytes);
  if (!parsing.files.some((file) => file.path === path)) parsing.files.push({ path, text });
  if (parsing.files.length > 1000) return new ConfigError('too many files');
  return yield* parseBlock(parsing, new Tokens(text, path), scope);
}

/** Reads statements until the end of the block or file. */
function* parseBlock(parsing: Parsing, tokens: Tokens, scope: Scope, inBlock = false): Blocking<ConfigError | undefined> {
  for (;;) {
    const statement = tokens.next();
    if (statement instanceof ConfigError) return statement;
    if (statement === 'end') return inBlock ? tokens.error('unexpected end of file, expecting "}"') : undefined;
    if (statement === '}') {
      if (inBlock) return undefined;
      return tokens.error('unexpected "}"');
    }
    const failed = yield* parseStatement(parsing, tokens, scope, statement);
    if (failed) return failed;
  }
}

function* parseStatement(parsing: Parsing, tokens: Tokens, scope: Scope, statement: Statement): Blocking<ConfigError | undefined> {
  const [name = '', ...args] = statement.words;
  const rules = rulesOf(name);
  if (rules.length === 0) return tokens.error(`unknown directive "${name}"`);
  const rule = rules.find((candidate) => candidate.contexts.includes(scope.context));
  if (!rule) return tokens.error(`"${name}" directive is not allowed here`);
  if (rule.block && statement.end !== '{') return tokens.error(`directive "${name}" has no opening "{"`);
  if (!rule.block && statement.end !== ';') return tokens.error(`directive "${name}" is not terminated by ";"`);
  if (args.length < rule.least || args.length > rule.most) return tokens.error(`invalid number of arguments in "${name}" directive`);
  if (rule.refused) return tokens.error(`directive "${name}" is not modelled (${FIDELITY})`);
  if (name === 'include') return yield* include(parsing, tokens, scope, args[0] as string);
  if (!rule.repeats && scope.given.has(name)) return tokens.error(`"${name}" directive is duplicate`);
  scope.given.add(name);
  const wrong = checkValue(rule, args);
  if (wrong) return tokens.error(wrong);
  if (!rule.block) {
    const failed = yield* handle(parsing, tokens, scope, name, args);
    if (failed) return failed;
    if (!rule.repeats) scope.values.set(name, args);
    return undefined;
  }
  return yield* parseNested(parsing, tokens, scope, name, args);
}

function* parseNested(
  parsing: Parsing,
  tokens: Tokens,
  scope: Scope,
  name: string,
  args: readonly string[],
): Blocking<ConfigError | undefined> {
  const contents = blockContents(parsing, scope, name, args, tokens);
  if (contents instanceof ConfigError) return contents;
  if (contents) {
    // `types` and `map`: any words.
    for (;;) {
      const statement = tokens.next();
      if (statement instanceof ConfigError) return statement;
      if (statement === '}') return undefined;
      if (statement === 'end') return tokens.error('unexpected end of file, expecting "}"');
      const failed = contents(statement.words);
      if (failed) return failed;
    }
  }
  const inner = blockOf(parsing, scope, name, args, tokens);
  if (inner instanceof ConfigError) return inner;
  const failed = yield* parseBlock(parsing, tokens, inner, true);
  if (failed) return failed;
  if (name === 'upstream' && inner.upstream?.peers.length === 0) return tokens.error('no servers are inside upstream');
  return name === 'http' ? yield* finishHttp(parsing) : undefined;
}

function* include(parsing: Parsing, tokens: Tokens, scope: Scope, name: string): Blocking<ConfigError | undefined> {
  const path = parsing.path(name);
  if (!/[*?[]/.test(path)) return yield* parseFile(parsing, path, scope, tokens);
  for (const found of matching(parsing.process, path)) {
    const failed = yield* parseFile(parsing, found, scope, tokens);
    if (failed) return failed;
  }
  return undefined;
}

/** The files that a pattern names, in order; wildcards stand in any part of the path (glob(3)). */
function matching(process: Process, pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/').slice(1)) {
    const matches = globMatcher(part);
    found = found.flatMap((directory) => {
      if (!/[*?[]/.test(part)) return [`${directory}/${part}`];
      const target = process.namespaces.mnt.resolve(process, directory === '' ? '/' : directory);
      if (typeof target === 'string' || !(target.inode instanceof Directory)) return [];
      return target.inode
        .names(process)
        .filter((name) => !name.startsWith('.') && matches(name))
        .map((name) => `${directory}/${name}`);
    });
  }
  return found.filter((path) => {
    const target = process.namespaces.mnt.resolve(process, path);
    return typeof target !== 'string' && target.inode !== undefined;
  });
}

/** Everything of `http` is known: names are looked up, listens compared, variables checked. */
function* finishHttp(parsing: Parsing): Blocking<ConfigError | undefined> {
  for (const server of parsing.servers)
    if (server.listens.length === 0)
      server.listens.push({ address: { address: 0, port: 80 }, default: false, reusePort: false, backlog: 511 });
  warnOfNames(parsing);
  for (const { upstream, host, port, where } of parsing.implicit) {
    if (upstream.peers.length > 0) continue;
    const resolved = yield* resolveName(parsing.process, host);
    if (typeof resolved === 'string') return new ConfigError(`host not found in upstream "${host}"`, where);
    upstream.peers.push(...resolved.addresses.map((address) => makePeer(address, port)));
  }
  for (const name of parsing.used) {
    if (!isBuiltIn(name) && !parsing.defined.has(name)) return new ConfigError(`unknown "${name}" variable`);
  }
  return undefined;
}

/** Two servers of the same name on one port: the first has it. */
function warnOfNames(parsing: Parsing): void {
  const taken = new Map<string, Scope>();
  for (const server of parsing.servers) {
    for (const { address } of server.listens) {
      for (const name of server.names.length > 0 ? server.names : [{ text: '' }]) {
        const key = `"${name.text}" on ${addressText(address)}`;
        if (taken.has(key)) parsing.warnings.push(`conflicting server name ${key}, ignored`);
        else taken.set(key, server);
      }
    }
  }
}
