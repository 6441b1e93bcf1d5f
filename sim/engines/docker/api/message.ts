import { WaitQueue } from '../../../host/wait.ts';
import type { Connection } from './connection.ts';

/** A request to the Engine API (v1.51): what an HTTP request carries, without its bytes. */
export interface ApiRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** `/containers/json`, with or without the version's `/v1.51` in front. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** The decoded JSON body, or the bytes of one that isn't JSON. */
  body?: unknown;
}

/** The answer: a status, and JSON, or a hijacked connection (attach, exec) or stream (logs). Errors are `{message}`. */
export interface ApiResponse {
  status: number;
  json?: unknown;
  /** A body that isn't JSON. */
  bytes?: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  connection?: Connection;
}

/** A request under way. Most are answered after a little virtual time; `stop` and `wait` take as long as they take. */
export class Exchange {
  response: ApiResponse | undefined;
  /** Woken when `response` is there. */
  readonly answered = new WaitQueue();

  answer(response: ApiResponse): void {
    this.response = response;
    this.answered.wake();
  }
}

/** What listens at /var/run/docker.sock. */
export interface EngineApi {
  request(message: ApiRequest): Exchange;
  /** False once dockerd is gone: connecting is refused. */
  readonly listening: boolean;
}
