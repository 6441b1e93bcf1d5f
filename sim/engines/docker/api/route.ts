import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import type { ApiRequest, ApiResponse } from './message.ts';

/** A request as a handler sees it. */
export interface Call {
  engine: Engine;
  method: ApiRequest['method'];
  /** Without the version. */
  path: string;
  /** The parts of the path that the route's `{…}` stand for. */
  parameters: readonly string[];
  query: Readonly<Record<string, string>>;
  body: unknown;
}

/** What a handler returns: a refusal, or a response. */
export type Answer = ApiResponse | Refusal;

/** One route of the Engine API: the method, the path with `{…}` for a part that varies, and who answers. */
export interface Route {
  method: ApiRequest['method'];
  path: string;
  handle(call: Call): Blocking<Answer>;
}

/** A flag in a query, as Go's HTTP handlers read it. */
export function flag(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'no', 'false', 'none'].includes(value.toLowerCase());
}
