import { parseIP, parsePrefix } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { Blocking } from '../../host/wait.ts';
import { FIDELITY } from '../command.ts';
import { resolveName } from '../name-resolution.ts';
import { addressText, parseListen, splitHostPort } from './address.ts';
import { compileRegex, type Condition } from './condition.ts';
import type { Parsing, VariableMap } from './configuration.ts';
import { parseTime } from './directives.ts';
import { locationPass } from './locations.ts';
import type { AccessRule, Listen, Scope, Setting, Step } from './scope.ts';
import type { Template } from './template.ts';
import { ConfigError, type Tokens } from './tokens.ts';
import { makePeer, type Method } from './upstream.ts';

export { blockOf } from './locations.ts';

type Handler = (parsing: Parsing, tokens: Tokens, scope: Scope, args: readonly string[]) => ConfigError | undefined;

/** What a directive without a block does when it is read, besides being remembered. */
export function* handle(
  parsing: Parsing,
  tokens: Tokens,
  scope: Scope,
  name: string,
  args: readonly string[],
): Blocking<ConfigError | undefined> {
  if (name === 'server') return yield* upstreamServer(parsing, tokens, scope, args);
  return HANDLERS[name]?.(parsing, tokens, scope, args);
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  worker_processes: (_parsing, tokens, _scope, [value = '']) =>
    value === 'auto' || /^[1-9]\d*$/.test(value) ? undefined : tokens.error('"worker_processes" directive invalid value'),
  listen,
  server_name: (_parsing, tokens, scope, args) => {
    for (const text of args) {
      const regex = text.startsWith('~') ? compileRegex(text.slice(1), true) : undefined;
      if (text.startsWith('~') && !regex) return tokens.error(`pcre2_compile() failed in "${text.slice(1)}"`);
      if (regex) for (const group of groupsOf(text)) _parsing.defined.add(group);
      scope.names.push(regex ? { text, regex } : { text: text.toLowerCase() });
    }
    return undefined;
  },
  root: withTemplate((scope, template) => {
    scope.root = template;
  }),
  alias: withTemplate((scope, template) => {
    scope.alias = template;
  }),
  index: withTemplates((scope, templates) => {
    scope.index = templates;
  }),
  try_files: withTemplates((scope, templates) => {
    scope.tryFiles = templates;
  }),
  add_header: header((scope, setting) => {
    scope.headers = [...(scope.headers ?? []), setting];
  }),
  proxy_set_header: header((scope, setting) => {
    scope.passedHeaders = [...(scope.passedHeaders ?? []), setting];
  }),
  proxy_hide_header: (_parsing, _tokens, scope, [name = '']) => {
    scope.hidden = [...(scope.hidden ?? []), name.toLowerCase()];
    return undefined;
  },
  proxy_redirect: (parsing, tokens, scope, [from = '', to]) => {
    if (from === 'off' || from === 'default') scope.redirects = from;
    else {
      const template = parsing.template(to ?? '', tokens);
      if (template instanceof ConfigError) return template;
      if (!Array.isArray(scope.redirects)) scope.redirects = [];
      scope.redirects.push({ from, to: template });
    }
    return undefined;
  },
  allow: access(true),
  deny: access(false),
  error_page: errorPage,
  access_log: accessLog,
  log_format: (parsing, tokens, _scope, [name = '', ...parts]) => {
    const texts = /^escape=/.test(parts[0] ?? '') ? parts.slice(1) : parts;
    if (name === 'combined' || parsing.formats.has(name)) return tokens.error(`duplicate "log_format" name "${name}"`);
    const template = parsing.template(texts.join(''), tokens);
    if (template instanceof ConfigError) return template;
    parsing.formats.set(name, template);
    return undefined;
  },
  error_log: (parsing, tokens, scope, [path = '', level]) => {
    if (level !== undefined && !LEVELS.includes(level)) return tokens.error(`invalid log level "${level}"`);
    scope.errorLog ??= [path === 'stderr' ? path : parsing.path(path), ...(level === undefined ? [] : [level])];
    return undefined;
  },
  return: returnStep,
  rewrite: rewriteStep,
  set: (parsing, tokens, scope, [name = '', value = '']) => {
    if (!name.startsWith('$') || name.length === 1) return tokens.error(`invalid variable name "${name}"`);
    const template = parsing.template(value, tokens);
    if (template instanceof ConfigError) return template;
    parsing.defined.add(name.slice(1));
    scope.steps.push({ kind: 'set', name: name.slice(1), value: template });
    return undefined;
  },
  break: (_parsing, _tokens, scope) => void scope.steps.push({ kind: 'break' }),
  proxy_pass: locationPass,
  proxy_http_version: (_parsing, tokens, _scope, [version = '']) =>
    ['1.0', '1.1'].includes(version) ? undefined : tokens.error(`invalid value "${version}"`),
  least_conn: balancing('least_conn'),
  ip_hash: balancing('ip_hash'),
  random: balancing('random'),
  hash: balancing('hash'),
};

const LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'];

function withTemplates(store: (scope: Scope, templates: Template[]) => void): Handler {
  return (parsing, tokens, scope, args) => {
    const templates: Template[] = [];
    for (const text of args) {
      const template = parsing.template(text, tokens);
      if (template instanceof ConfigError) return template;
      templates.push(template);
    }
    store(scope, templates);
    return undefined;
  };
}

function withTemplate(store: (scope: Scope, template: Template) => void): Handler {
  return withTemplates((scope, [template]) => {
    if (template) store(scope, template);
  });
}

function header(keep: (scope: Scope, setting: Setting) => void): Handler {
  return (parsing, tokens, scope, [name = '', value = '', always]) => {
    if (always !== undefined && always !== 'always') return tokens.error(`invalid parameter "${always}"`);
    const template = parsing.template(value, tokens);
    if (template instanceof ConfigError) return template;
    keep(scope, { name, value: template, always: always !== undefined });
    return undefined;
  };
}

/** Parameters of `listen` that belong to the socket and change nothing that can be seen here. */
const SOCKET_PARAMETERS =
  /^(bind|deferred|so_keepalive=.*|rcvbuf=\d+.?|sndbuf=\d+.?|fastopen=\d+|ipv6only=(on|off)|setfib=\d+|accept_filter=.*)$/;
const REFUSED_PARAMETERS = new Set(['ssl', 'http2', 'quic', 'proxy_protocol', 'multipath']);

function listen(_parsing: Parsing, tokens: Tokens, scope: Scope, [text = '', ...parameters]: readonly string[]): ConfigError | undefined {
  if (text.startsWith('unix:')) return tokens.error(`"listen ${text}" is not modelled (${FIDELITY})`);
  const address = parseListen(text);
  if ('error' in address) return tokens.error(`${address.error} in "${text}" of the "listen" directive`);
  const made: Listen = { address, default: false, reusePort: false, backlog: 511 };
  for (const parameter of parameters) {
    const backlog = /^backlog=(\d+)$/.exec(parameter);
    if (parameter === 'default_server' || parameter === 'default') made.default = true;
    else if (parameter === 'reuseport') made.reusePort = true;
    else if (backlog) made.backlog = Number(backlog[1]);
    else if (REFUSED_PARAMETERS.has(parameter)) return tokens.error(`"listen ... ${parameter}" is not modelled (${FIDELITY})`);
    else if (!SOCKET_PARAMETERS.test(parameter)) return tokens.error(`invalid parameter "${parameter}"`);
  }
  const key = addressText(address);
  if (scope.listens.some((other) => addressText(other.address) === key)) return tokens.error(`a duplicate listen ${key}`);
  const others = _parsing.servers.flatMap((server) => (server === scope ? [] : server.listens));
  if (made.default && others.some((other) => other.default && addressText(other.address) === key))
    return tokens.error(`a duplicate default server for ${key}`);
  scope.listens.push(made);
  return undefined;
}

function access(allow: boolean): Handler {
  return (_parsing, tokens, scope, [text = '']) => {
    const rule: AccessRule = { allow };
    if (text !== 'all') {
      const prefix = parsePrefix(text);
      const address = parseIP(text);
      if (text === 'unix:') return tokens.error(`"unix:" is not modelled (${FIDELITY})`);
      if (prefix) rule.prefix = prefix;
      else if (address !== undefined) rule.prefix = { address, length: typeof address === 'bigint' ? 128 : 32 };
      else return tokens.error(`invalid parameter "${text}"`);
    }
    scope.access = [...(scope.access ?? []), rule];
    return undefined;
  };
}

function errorPage(parsing: Parsing, tokens: Tokens, scope: Scope, args: readonly string[]): ConfigError | undefined {
  const words = [...args];
  const target = parsing.template(words.pop() ?? '', tokens);
  if (target instanceof ConfigError) return target;
  let overwrite: number | undefined;
  if (words.at(-1)?.startsWith('=')) {
    const text = (words.pop() as string).slice(1);
    if (text !== '' && !/^\d+$/.test(text)) return tokens.error(`invalid value "=${text}"`);
    overwrite = text === '' ? -1 : Number(text);
  }
  for (const word of words) {
    if (!/^\d+$/.test(word)) return tokens.error(`invalid value "${word}"`);
    if (Number(word) === 499 || Number(word) < 300 || Number(word) > 599) {
      return tokens.error(Number(word) === 499 ? 'invalid value "499"' : `value "${word}" must be between 300 and 599`);
    }
  }
  scope.errorPages = [...(scope.errorPages ?? []), { statuses: words.map(Number), overwrite, target }];
  return undefined;
}

export const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

function accessLog(parsing: Parsing, tokens: Tokens, scope: Scope, [path = '', ...options]: readonly string[]): ConfigError | undefined {
  scope.logs ??= [];
  if (path === 'off') return options.length === 0 ? undefined : tokens.error(`invalid parameter "${options[0]}"`);
  if (/^(syslog|memory):/.test(path)) return tokens.error(`"access_log ${path}" is not modelled (${FIDELITY})`);
  let format: Template | undefined;
  let condition: Template | undefined;
  for (const [i, option] of options.entries()) {
    if (i === 0 && !option.includes('=')) {
      format = parsing.formats.get(option);
      if (!format && option !== 'combined') return tokens.error(`unknown log format "${option}"`);
    } else if (option.startsWith('if=')) {
      const made = parsing.template(option.slice(3), tokens);
      if (made instanceof ConfigError) return made;
      condition = made;
    } else if (!/^(buffer|gzip|flush)(=|$)/.test(option)) return tokens.error(`invalid parameter "${option}"`);
  }
  const combined = format ?? parsing.template(COMBINED, tokens);
  if (combined instanceof ConfigError) return combined;
  scope.logs.push({ path: parsing.path(path), format: combined, ...(condition ? { condition } : {}) });
  return undefined;
}

function returnStep(parsing: Parsing, tokens: Tokens, scope: Scope, [first = '', text]: readonly string[]): ConfigError | undefined {
  const status = Number(first);
  if (/^\d+$/.test(first) && status <= 999) {
    const template = text === undefined ? undefined : parsing.template(text, tokens);
    if (template instanceof ConfigError) return template;
    scope.steps.push({ kind: 'return', status, text: template });
    return undefined;
  }
  if (text !== undefined || !/^(https?:\/\/|\$scheme)/.test(first)) return tokens.error(`invalid return code "${first}"`);
  const template = parsing.template(first, tokens);
  if (template instanceof ConfigError) return template;
  scope.steps.push({ kind: 'return', status: 302, text: template });
  return undefined;
}

const FLAGS = ['last', 'break', 'redirect', 'permanent'] as const;

function rewriteStep(
  parsing: Parsing,
  tokens: Tokens,
  scope: Scope,
  [pattern = '', text = '', flag]: readonly string[],
): ConfigError | undefined {
  const regex = compileRegex(pattern, false);
  if (!regex) return tokens.error(`pcre2_compile() failed in "${pattern}"`);
  const known = FLAGS.find((candidate) => candidate === flag);
  if (flag !== undefined && !known) return tokens.error(`invalid parameter "${flag}"`);
  for (const group of groupsOf(pattern)) parsing.defined.add(group);
  const keepArgs = !text.endsWith('?');
  const replacement = parsing.template(keepArgs ? text : text.slice(0, -1), tokens);
  if (replacement instanceof ConfigError) return replacement;
  const absolute = /^(https?:\/\/|\$scheme)/.test(text);
  const step: Step = { kind: 'rewrite', regex, replacement, flag: known ?? (absolute ? 'redirect' : undefined), keepArgs };
  scope.steps.push(step);
  return undefined;
}

/** The names of a pattern's named groups. */
export function groupsOf(pattern: string): string[] {
  return [...pattern.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)].map((match) => match[1] as string);
}

/** The words between `if (` and `)`. */
export function parseCondition(parsing: Parsing, tokens: Tokens, args: readonly string[]): Condition | ConfigError {
  const joined = [...args];
  const invalid = (): ConfigError => tokens.error(`invalid condition "${args.at(-1) ?? ''}"`);
  if (!joined[0]?.startsWith('(') || !joined.at(-1)?.endsWith(')')) return tokens.error(`invalid condition "${joined[0] ?? ''}"`);
  joined[0] = joined[0].slice(1);
  joined.push((joined.pop() as string).slice(0, -1));
  const words = joined.filter((word, i) => word !== '' || (i > 0 && i < joined.length));
  if (words.at(-1) === '' && words.length !== 3) words.pop();
  if (words[0] === '') words.shift();
  const [first = '', operator = '', value = ''] = words;
  if (first.startsWith('$')) {
    const name = first.slice(1);
    parsing.used.add(name);
    if (words.length === 1) return { kind: 'variable', name };
    if (words.length !== 3) return invalid();
    if (operator === '=' || operator === '!=') {
      const template = parsing.template(value, tokens);
      return template instanceof ConfigError ? template : { kind: 'equal', name, value: template, negated: operator === '!=' };
    }
    const match = /^(!?)~(\*?)$/.exec(operator);
    if (!match) return tokens.error(`unexpected "${operator}" in condition`);
    const regex = compileRegex(value, match[2] === '*');
    if (!regex) return tokens.error(`pcre2_compile() failed in "${value}"`);
    for (const group of groupsOf(value)) parsing.defined.add(group);
    return { kind: 'match', name, regex, negated: match[1] === '!' };
  }
  const test = /^(!?)-([fdex])$/.exec(first);
  if (!test || words.length !== 2) return tokens.error(`invalid condition "${first}"`);
  const path = parsing.template(operator, tokens);
  return path instanceof ConfigError ? path : { kind: 'file', test: test[2] as 'f', path, negated: test[1] === '!' };
}

function balancing(method: Method): Handler {
  return (parsing, tokens, scope, [key = '']) => {
    if (!scope.upstream) return undefined;
    const template = method === 'hash' ? parsing.template(key, tokens) : undefined;
    if (template instanceof ConfigError) return template;
    scope.upstream.method = method;
    scope.upstream.key = template;
    return undefined;
  };
}

/** `server` in an upstream: an address or name, with what the balancer should know of it. */
function* upstreamServer(
  parsing: Parsing,
  tokens: Tokens,
  scope: Scope,
  [text = '', ...parameters]: readonly string[],
): Blocking<ConfigError | undefined> {
  if (text.startsWith('unix:')) return tokens.error(`"server ${text}" is not modelled (${FIDELITY})`);
  const settings: Partial<Parameters<typeof makePeer>[2]> & object = {};
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2);
    const number = /^\d+$/.test(value) ? Number(value) : undefined;
    const time = name === 'fail_timeout' ? parseTime(value) : undefined;
    if (name === 'weight' && number) settings.weight = number;
    else if (name === 'max_fails' && number !== undefined) settings.maxFails = number;
    else if (name === 'max_conns' && number !== undefined) settings.maxConnections = number;
    else if (time !== undefined) settings.failTimeout = time * SECOND;
    else if (parameter === 'backup') settings.backup = true;
    else if (parameter === 'down') settings.down = true;
    else if (['slow_start', 'resolve', 'service', 'route', 'drain'].includes(name))
      return tokens.error(`"server ... ${parameter}" is not modelled (${FIDELITY})`);
    else return tokens.error(`invalid parameter "${parameter}"`);
  }
  const { host, port } = splitHostPort(text);
  if (port === 'bad') return tokens.error(`invalid port in upstream "${text}"`);
  const resolved = yield* resolveName(parsing.process, host);
  if (typeof resolved === 'string') return tokens.error(`host not found in upstream "${text}"`);
  scope.upstream?.peers.push(...resolved.addresses.map((address) => makePeer(address, port ?? 80, settings)));
  return undefined;
}

/** Blocks whose statements aren't directives: `types`, `map`. Undefined for the others. */
export function blockContents(
  parsing: Parsing,
  scope: Scope,
  name: string,
  args: readonly string[],
  tokens: Tokens,
): ((words: readonly string[]) => ConfigError | undefined) | ConfigError | undefined {
  if (name === 'types') {
    const types = new Map<string, string>();
    scope.types = types;
    return ([type = '', ...suffixes]) => {
      for (const suffix of suffixes) types.set(suffix.toLowerCase(), type);
      return undefined;
    };
  }
  if (name !== 'map') return undefined;
  const [from = '', to = ''] = args;
  if (!to.startsWith('$')) return tokens.error(`invalid variable name "${to}"`);
  const source = parsing.template(from, tokens);
  if (source instanceof ConfigError) return source;
  const map: VariableMap = { source, hostnames: false, entries: [], initial: { parts: [] } };
  parsing.defined.add(to.slice(1));
  parsing.maps.set(to.slice(1), map);
  return (words) => mapEntry(parsing, map, words, tokens);
}

function mapEntry(parsing: Parsing, map: VariableMap, words: readonly string[], tokens: Tokens): ConfigError | undefined {
  const [key = '', value] = words;
  if (words.length === 1 && key === 'hostnames') map.hostnames = true;
  if (words.length === 1 && (key === 'hostnames' || key === 'volatile')) return undefined;
  if (words.length !== 2 || value === undefined) return tokens.error('invalid number of the map parameters');
  const template = parsing.template(value, tokens);
  if (template instanceof ConfigError) return template;
  if (key === 'default') map.initial = template;
  else if (key.startsWith('~')) {
    const pattern = key.replace(/^~\*?/, '');
    const regex = compileRegex(pattern, key.startsWith('~*'));
    if (!regex) return tokens.error(`pcre2_compile() failed in "${pattern}"`);
    for (const group of groupsOf(pattern)) parsing.defined.add(group);
    map.entries.push({ key, regex, value: template });
  } else map.entries.push({ key: key.replace(/^\\/, '').toLowerCase(), value: template });
  return undefined;
}
