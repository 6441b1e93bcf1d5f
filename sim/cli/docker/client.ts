import type { Connection } from '../../engines/docker/api/connection.ts';
import type { ApiRequest, ApiResponse, EngineApi, Exchange } from '../../engines/docker/api/message.ts';
import { MILLISECOND } from '../../base/time.ts';
import { SocketFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** A request that failed: what the command prints, whole. `status` is 0 when there was no answer. */
export class ApiFailure {
  readonly status: number;
  readonly message: string;
  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
}

/** A client of the Engine API over the socket that `-H` or DOCKER_HOST names. */
export class Client {
  readonly host: string;
  readonly #process: Process;

  constructor(process: Process, host: string | undefined) {
    this.#process = process;
    this.host = host ?? process.env.get('DOCKER_HOST') ?? DEFAULT_HOST;
    if (this.host === '') this.host = DEFAULT_HOST;
  }

  /** Sends a request and waits for the answer. */
  *send(request: ApiRequest): Blocking<ApiResponse | ApiFailure> {
    const server = this.#connect();
    if (server instanceof ApiFailure) return server;
    yield* this.#process.spend(MILLISECOND / 2);
    const exchange = server.request(request);
    while (!exchange.response) yield { on: [exchange.answered] };
    const { response } = exchange;
    if (response.status < 400) return response;
    return new ApiFailure(response.status, `Error response from daemon: ${(response.json as { message: string }).message}`);
  }

  /** Sends a POST whose answer can be waited for later, or not at all. */
  post(path: string, query: Record<string, string>): Exchange | undefined {
    const server = this.#connect();
    return server instanceof ApiFailure ? undefined : server.request({ method: 'POST', path, query });
  }

  /** As `send`, for an answer that is JSON. */
  *json<T>(method: ApiRequest['method'], path: string, query: Record<string, string> = {}, body?: unknown): Blocking<T | ApiFailure> {
    const response = yield* this.send({ method, path, query, ...(body === undefined ? {} : { body }) });
    // A client gets text and decodes it: nothing of the daemon's own objects may pass through.
    return response instanceof ApiFailure ? response : (JSON.parse(JSON.stringify(response.json ?? null)) as T);
  }

  /** As `send`, for an answer that becomes a stream. */
  *stream(
    method: ApiRequest['method'],
    path: string,
    query: Record<string, string> = {},
    body?: unknown,
  ): Blocking<Connection | ApiFailure> {
    const response = yield* this.send({ method, path, query, ...(body === undefined ? {} : { body }) });
    if (response instanceof ApiFailure) return response;
    return response.connection ?? new ApiFailure(0, 'unexpected response: the connection was not upgraded');
  }

  #connect(): EngineApi | ApiFailure {
    const unreachable = new ApiFailure(0, `Cannot connect to the Docker daemon at ${this.host}. Is the docker daemon running?`);
    const path = /^unix:\/\/(.*)$/.exec(this.host)?.[1];
    if (path === undefined) {
      if (/^(tcp|ssh|http|https|fd|npipe):\/\//.test(this.host))
        return new ApiFailure(0, `connecting to ${this.host} is not modelled (see sim/FIDELITY.md)`);
      return new ApiFailure(0, `unable to parse docker host \`${this.host}\``);
    }
    const found = this.#process.namespaces.mnt.resolve(this.#process, path);
    if (typeof found === 'string' || !(found.inode instanceof SocketFile)) return unreachable;
    const server = found.inode.service as EngineApi;
    return server.listening ? server : unreachable;
  }
}

/** A query parameter of filters from `--filter NAME=VALUE` flags. */
export function filterQuery(filters: readonly string[]): Record<string, string> {
  if (filters.length === 0) return {};
  const decoded: Record<string, Record<string, boolean>> = {};
  for (const filter of filters) {
    const equals = filter.indexOf('=');
    const name = filter.slice(0, equals).trim().toLowerCase();
    const values = decoded[name] ?? {};
    values[filter.slice(equals + 1).trim()] = true;
    decoded[name] = values;
  }
  return { filters: JSON.stringify(decoded) };
}
