import { FIDELITY } from '../command.ts';
import { splitHostPort } from './address.ts';
import { compileRegex } from './condition.ts';
import type { Parsing } from './configuration.ts';
import { groupsOf, parseCondition } from './handlers.ts';
import { Scope } from './scope.ts';
import { hasVariables } from './template.ts';
import { ConfigError, type Tokens } from './tokens.ts';
import { makePeer, type UpstreamDefinition } from './upstream.ts';
import { parseIP } from '../../base/address.ts';

/** Opens the block of a directive. */
export function blockOf(parsing: Parsing, scope: Scope, name: string, args: readonly string[], tokens: Tokens): Scope | ConfigError {
  switch (name) {
    case 'http':
      parsing.http = new Scope('http', scope);
      return parsing.http;
    case 'server': {
      const server = new Scope('server', scope);
      parsing.servers.push(server);
      return server;
    }
    case 'upstream':
      return upstream(parsing, scope, args[0] ?? '', tokens);
    case 'location':
      return location(parsing, scope, args, tokens);
    case 'if': {
      const condition = parseCondition(parsing, tokens, args);
      if (condition instanceof ConfigError) return condition;
      const inner = new Scope(scope.context === 'server' ? 'server-if' : 'location-if', scope);
      scope.steps.push({ kind: 'if', condition, scope: inner });
      return inner;
    }
    default:
      return new Scope(name === 'events' ? 'events' : 'limit_except', scope);
  }
}

function upstream(parsing: Parsing, scope: Scope, name: string, tokens: Tokens): Scope | ConfigError {
  const known = parsing.upstreams.get(name);
  if (known && !known.implicit) return tokens.error(`duplicate upstream "${name}"`);
  const definition: UpstreamDefinition = known ?? emptyUpstream(name);
  definition.implicit = false;
  parsing.upstreams.set(name, definition);
  const inner = new Scope('upstream', scope);
  inner.upstream = definition;
  return inner;
}

function emptyUpstream(name: string): UpstreamDefinition {
  return { name, implicit: false, method: 'round-robin', key: undefined, peers: [] };
}

/** `= /x`, `^~ /x`, `~ regex`, `~* regex`, `/x`, `@name`; the modifier may stick to what follows. */
function location(parsing: Parsing, scope: Scope, args: readonly string[], tokens: Tokens): Scope | ConfigError {
  const [modifier, text] = args.length === 2 ? [args[0] ?? '', args[1] ?? ''] : splitModifier(args[0] ?? '');
  const made = new Scope('location', scope);
  made.path = text;
  if (modifier === '=') made.kind = 'exact';
  else if (modifier === '^~') made.kind = 'prefix-only';
  else if (modifier === '~' || modifier === '~*') {
    const regex = compileRegex(text, modifier === '~*');
    if (!regex) return tokens.error(`pcre2_compile() failed in "${text}"`);
    for (const group of groupsOf(text)) parsing.defined.add(group);
    made.kind = 'regex';
    made.regex = regex;
  } else if (modifier !== '') return tokens.error(`invalid location modifier "${modifier}"`);
  else if (text.startsWith('@')) made.kind = 'named';
  if (scope.context === 'location') {
    if (scope.kind === 'exact') return tokens.error(`location "${text}" cannot be inside the exact location "${scope.path}"`);
    if (scope.kind === 'named') return tokens.error(`location "${text}" cannot be inside the named location "${scope.path}"`);
    if (made.kind === 'named') return tokens.error(`named location "${text}" can be on the server level only`);
    if (made.kind !== 'regex' && scope.kind !== 'regex' && !text.startsWith(scope.path))
      return tokens.error(`location "${text}" is outside location "${scope.path}"`);
  }
  const group = (kind: Scope['kind']): string => (kind === 'prefix-only' ? 'prefix' : kind);
  if (made.kind !== 'regex' && scope.locations.some((other) => other.path === text && group(other.kind) === group(made.kind)))
    return tokens.error(`duplicate location "${text}"`);
  scope.locations.push(made);
  return made;
}

function splitModifier(text: string): [string, string] {
  const match = /^(=|\^~|~\*|~)(.*)$/s.exec(text);
  return match ? [match[1] as string, match[2] as string] : ['', text];
}

/** `proxy_pass`. */
export function locationPass(parsing: Parsing, tokens: Tokens, scope: Scope, [url = '']: readonly string[]): ConfigError | undefined {
  const template = parsing.template(url, tokens);
  if (template instanceof ConfigError) return template;
  if (hasVariables(template)) {
    scope.pass = { url, host: '', upstream: undefined, path: undefined, template };
    return undefined;
  }
  if (url.startsWith('https://')) return tokens.error(`"proxy_pass https://" is not modelled (${FIDELITY})`);
  if (!url.startsWith('http://')) return tokens.error('invalid URL prefix');
  const rest = url.slice('http://'.length);
  if (rest.startsWith('unix:')) return tokens.error(`"proxy_pass ${url}" is not modelled (${FIDELITY})`);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? undefined : rest.slice(slash);
  if (path !== undefined && (scope.kind === 'regex' || scope.kind === 'named' || scope.context !== 'location')) {
    return tokens.error(
      '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
    );
  }
  const { host, port } = splitHostPort(authority);
  if (host === '') return tokens.error(`no host in upstream "${rest}"`);
  if (port === 'bad') return tokens.error(`invalid port in upstream "${rest}"`);
  scope.pass = {
    url,
    host: authority,
    upstream: upstreamOf(parsing, authority, host, port ?? 80, tokens.where),
    path,
    template: undefined,
  };
  return undefined;
}

/** The group of that name, or one made for an address; a name is looked up later, when every group is known. */
function upstreamOf(parsing: Parsing, authority: string, host: string, port: number, where: string | undefined): UpstreamDefinition {
  const known = parsing.upstreams.get(authority);
  if (known) return known;
  const made: UpstreamDefinition = { ...emptyUpstream(authority), implicit: true };
  parsing.upstreams.set(authority, made);
  const address = parseIP(host);
  if (address === undefined) parsing.implicit.push({ upstream: made, host, port, where });
  else made.peers.push(makePeer(address, port));
  return made;
}
