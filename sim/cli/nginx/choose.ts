import type { IP } from '../../base/address.ts';
import type { Request } from './request.ts';
import type { Listen, Scope, ServerName } from './scope.ts';

/** Whether a socket on `listen` is the one that a connection to `local` reaches: its own address before the wildcard. */
export function listensOn(listen: Listen, local: { address: IP; port: number }): 'exact' | 'wildcard' | undefined {
  if (listen.address.port !== local.port) return undefined;
  if (listen.address.address === local.address) return 'exact';
  const wildcard = typeof local.address === 'bigint' ? 0n : 0;
  return listen.address.address === wildcard ? 'wildcard' : undefined;
}

/** The servers that answer on an address, the default one first. */
export function serversOn(servers: readonly Scope[], local: { address: IP; port: number }): Scope[] {
  for (const wanted of ['exact', 'wildcard'] as const) {
    const found = servers
      .map((server) => ({ server, listen: server.listens.find((listen) => listensOn(listen, local) === wanted) }))
      .filter(({ listen }) => listen !== undefined);
    if (found.length === 0) continue;
    const initial = found.find(({ listen }) => listen?.default) ?? found[0];
    return [initial?.server as Scope, ...found.map(({ server }) => server).filter((server) => server !== initial?.server)];
  }
  return [];
}

/** The entry whose name fits: exact, then the longest `*.name`, then the longest `name.*` (ngx_http_find_virtual_server). */
export function serverNameMatch<T>(entries: readonly T[], host: string, nameOf: (entry: T) => ServerName | undefined): T | undefined {
  let best: { entry: T; rank: number; length: number } | undefined;
  for (const entry of entries) {
    const text = nameOf(entry)?.text;
    if (text === undefined) continue;
    const rank = rankOf(text, host);
    if (rank > 0 && (!best || rank > best.rank || (rank === best.rank && text.length > best.length)))
      best = { entry, rank, length: text.length };
  }
  return best?.entry;
}

function rankOf(text: string, host: string): number {
  if (text === host) return 3;
  if (text.startsWith('.')) return host === text.slice(1) ? 3 : host.endsWith(text) ? 2 : 0;
  if (text.startsWith('*.')) return host.length > text.length - 1 && host.endsWith(text.slice(1)) ? 2 : 0;
  if (text.endsWith('.*')) return host.startsWith(text.slice(0, -1)) && host.length > text.length - 1 ? 1 : 0;
  return 0;
}

/** The server for a host name: by its names, then by their regular expressions in order, else the default one. */
export function chooseServer(request: Request, servers: readonly Scope[]): Scope {
  const names = servers.flatMap((server) => server.names.map((name) => ({ server, name })));
  const plain = serverNameMatch(names, request.host, ({ name }) => (name.regex ? undefined : name));
  if (plain) return plain.server;
  for (const { server, name } of names) {
    const match = name.regex?.exec(request.host);
    if (!match) continue;
    request.remember(match);
    return server;
  }
  return servers[0] as Scope;
}

/**
 * The location for a URI: an exact one; else the longest prefix, unless a regular expression fits and that prefix isn't `^~`
 * (ngx_http_core_find_location). The server itself when none fits.
 */
export function findLocation(request: Request, scope: Scope): Scope {
  const { uri } = request;
  const exact = scope.locations.find((location) => location.kind === 'exact' && location.path === uri);
  if (exact) return exact;
  let longest: Scope | undefined;
  for (const location of scope.locations) {
    if (location.kind !== 'prefix' && location.kind !== 'prefix-only') continue;
    if (uri.startsWith(location.path) && location.path.length >= (longest?.path.length ?? 0)) longest = location;
  }
  const nested = longest ? findLocation(request, longest) : undefined;
  if (nested && nested !== longest) return nested;
  if (longest?.kind === 'prefix-only') return longest;
  for (const location of scope.locations) {
    const match = location.regex?.exec(uri);
    if (!match) continue;
    request.remember(match);
    return findLocation(request, location);
  }
  return longest ?? scope;
}

/** A prefix location that ends with a slash and passes requests on: without the slash it redirects there. */
export function slashRedirect(request: Request, scope: Scope): boolean {
  return scope.locations.some(
    (location) =>
      (location.kind === 'prefix' || location.kind === 'prefix-only') && location.pass !== undefined && location.path === `${request.uri}/`,
  );
}
