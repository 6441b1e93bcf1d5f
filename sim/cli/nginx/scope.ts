import type { Address } from './address.ts';
import type { UpstreamDefinition } from './upstream.ts';
import type { Context } from './directives.ts';
import type { Template } from './template.ts';
import type { Condition } from './condition.ts';

/** A port to listen on, with the parameters that belong to the socket. */
export interface Listen {
  address: Address;
  default: boolean;
  reusePort: boolean;
  backlog: number;
}

/** One name of a server: exact, `*.name`, `.name`, `name.*` or `~regex`. */
export interface ServerName {
  text: string;
  regex?: RegExp;
}

export type LocationKind = 'prefix' | 'exact' | 'prefix-only' | 'regex' | 'named';

/** What the rewrite module does, in the order written (ngx_http_rewrite_module.c). */
export type Step =
  | { kind: 'return'; status: number; text: Template | undefined }
  | {
      kind: 'rewrite';
      regex: RegExp;
      replacement: Template;
      flag: 'last' | 'break' | 'redirect' | 'permanent' | undefined;
      keepArgs: boolean;
    }
  | { kind: 'set'; name: string; value: Template }
  | { kind: 'break' }
  | { kind: 'if'; condition: Condition; scope: Scope };

export interface AccessRule {
  allow: boolean;
  /** Absent: everybody. */
  prefix?: { address: number | bigint; length: number };
}

export interface ErrorPage {
  statuses: readonly number[];
  /** The status sent instead; -1 keeps that of the page. */
  overwrite: number | undefined;
  target: Template;
}

export interface AccessLog {
  path: string;
  format: Template;
  condition?: Template;
}

/** `proxy_pass`: where to, and what replaces the location's prefix. */
export interface ProxyPass {
  /** As written. */
  url: string;
  /** `$proxy_host`. */
  host: string;
  upstream: UpstreamDefinition | undefined;
  /** The path of the URL; absent when it has none and the request's is passed as it came. */
  path: string | undefined;
  /** With variables in it the URL is known only for each request. */
  template: Template | undefined;
}

export interface Setting {
  name: string;
  value: Template;
  /** `add_header … always`. */
  always: boolean;
}

/** A block of the configuration. What isn't set here holds from the block around it. */
export class Scope {
  readonly context: Context;
  readonly parent: Scope | undefined;
  /** Directives of one value by name: their arguments. */
  readonly values = new Map<string, readonly string[]>();
  /** The names of those given here, for duplicates. */
  readonly given = new Set<string>();

  /** The path of the error log, and its level. */
  errorLog: readonly string[] | undefined;

  // server
  readonly listens: Listen[] = [];
  readonly names: ServerName[] = [];
  readonly locations: Scope[] = [];

  // location
  kind: LocationKind = 'prefix';
  /** What the location is for: `/prefix`, the pattern of a regex, or `@name`. */
  path = '';
  regex: RegExp | undefined;
  tryFiles: readonly Template[] | undefined;
  pass: ProxyPass | undefined;
  alias: Template | undefined;

  readonly steps: Step[] = [];
  root: Template | undefined;
  index: readonly Template[] | undefined;
  access: AccessRule[] | undefined;
  errorPages: ErrorPage[] | undefined;
  logs: AccessLog[] | undefined;
  headers: Setting[] | undefined;
  passedHeaders: Setting[] | undefined;
  hidden: string[] | undefined;
  redirects: { from: string; to: Template }[] | 'off' | 'default' | undefined;
  types: Map<string, string> | undefined;
  upstream: UpstreamDefinition | undefined;

  constructor(context: Context, parent?: Scope) {
    this.context = context;
    this.parent = parent;
  }

  /** The nearest block, from this one outwards, that says something. */
  nearest<T>(get: (scope: Scope) => T | undefined): T | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const found = get(scope);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  value(name: string): string | undefined {
    return this.nearest((scope) => scope.values.get(name)?.[0]);
  }

  on(name: string, initial: boolean): boolean {
    const value = this.value(name);
    return value === undefined ? initial : value.toLowerCase() === 'on';
  }

  /** The server that a location belongs to. */
  get server(): Scope {
    return this.context === 'server' || !this.parent ? this : this.parent.server;
  }
}
