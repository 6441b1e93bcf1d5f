import { encode } from '../../base/bytes.ts';
import type { Blocking } from '../../host/wait.ts';
import type { HttpHeader } from '../../wire/http.ts';
import { errorPage } from './pages.ts';
import type { Request } from './request.ts';

/** A body that comes piece by piece; the function is called once and gives the pieces to `push`, whose error ends it. */
export type BodyStream = (push: (bytes: Uint8Array) => Blocking<boolean>) => Blocking<void>;

/** What a phase answers. Headers in front of the others have fields of their own, in the order of the header filter. */
export interface Reply {
  status: number;
  type?: string;
  /** In bytes; absent makes the body chunked. */
  length?: number;
  /** Seconds since 1970. */
  modified?: number;
  lastModified?: string;
  /** A path becomes an absolute URL. */
  location?: string;
  headers: HttpHeader[];
  body?: Uint8Array | BodyStream;
  /** Parts of the body may be asked for. */
  ranges?: boolean;
  /** Close without a word (444). */
  drop?: boolean;
}

/** A reply with a text. */
export function textReply(status: number, text: string, type: string): Reply {
  const body = encode(text);
  return { status, type, length: body.length, headers: [], body };
}

/** The built-in page of a status. */
export function pageReply(request: Request, status: number): Reply {
  const text = errorPage(status, request.scope.on('server_tokens', true));
  if (text === '' && (status === 204 || status === 304)) return { status, headers: [] };
  return text === '' ? { status, length: 0, headers: [] } : textReply(status, text, 'text/html');
}

/** After these the connection is closed (ngx_http_special_response_handler). */
export const CLOSING: ReadonlySet<number> = new Set([400, 413, 414, 497, 500, 501, 505]);
