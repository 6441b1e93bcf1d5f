import { StreamDecoder } from '../../../base/bytes.ts';
import { unixSeconds } from '../../../engines/docker/clock.ts';
import type { EventMessage } from '../../../engines/docker/events.ts';
import { calendar } from '../../../engines/docker/clock.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { EVENTS } from '../options/system.ts';
import { fail } from '../output.ts';
import { type Compiled, compile, execute } from '../template/execute.ts';
import { typed } from '../template/values.ts';
import { timestamp } from '../timestamp.ts';

export const events: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Get real time events from the server',
  aliases: 'docker system events, docker events',
  flags: EVENTS,
  arity: { exactly: 0 },
  run: follow,
};

function* follow(invocation: Invocation): Blocking<number> {
  const { client, process, flags } = invocation;
  const format = flags.last('format') ?? '';
  const source = format === 'json' ? '{{json .}}' : format;
  const compiled = source === '' ? undefined : compile(source.replaceAll('\\t', '\t').replaceAll('\\n', '\n'));
  if (compiled && 'error' in compiled) return yield* fail(invocation, `Error parsing format: ${compiled.error}`, 64);
  if (compiled) {
    const wrong = execute(compiled, typed(EXAMPLE), false);
    if ('error' in wrong)
      return yield* fail(invocation, `Error parsing format: ${wrong.error.replace(/in type .*$/, 'in type *events.Message')}`);
  }
  const range: Record<string, string> = {};
  for (const name of ['since', 'until']) {
    const text = flags.last(name);
    if (text === undefined) continue;
    const seconds = timestamp(text, unixSeconds(process.host.now));
    if (seconds === undefined)
      return yield* fail(invocation, `Error response from daemon: failed to parse value as time or duration: "${text}"`);
    range[name] = String(seconds);
  }
  const connection = yield* client.stream('GET', '/events', { ...range, ...filterQuery(flags.all('filter')) });
  if (connection instanceof ApiFailure) return yield* fail(invocation, connection.message);
  const decoder = new StreamDecoder();
  let held = '';
  for (;;) {
    const frame = connection.receive();
    if (frame === undefined) return 0;
    if (frame === 'EAGAIN') {
      yield { on: [connection.readable] };
      continue;
    }
    held += decoder.push(frame.bytes);
    const lines = held.split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) yield* process.write(1, `${lineOf(JSON.parse(line) as EventMessage, compiled)}\n`);
  }
}

function lineOf(message: EventMessage, compiled: Compiled | undefined): string {
  if (!compiled) return plainLine(message);
  const result = execute(compiled, typed(message), false);
  return 'error' in result ? '' : result.text;
}

/** `TIME TYPE ACTION ID (name=value, …)` */
function plainLine({ Type, Action, Actor, timeNano }: EventMessage): string {
  const { year, month, day, hour, minute, second } = calendar(Math.floor(timeNano / 1e9));
  const two = (value: number): string => String(value).padStart(2, '0');
  const micros = Math.round(timeNano / 1_000) % 1_000_000;
  const time = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${String(micros).padStart(6, '0')}000Z`;
  const attributes = Object.entries(Actor.Attributes).map(([name, value]) => `${name}=${value}`);
  return `${time} ${Type} ${Action} ${Actor.ID}${attributes.length > 0 ? ` (${attributes.join(', ')})` : ''}`;
}

/** What formats are tried on before anything has happened. */
const EXAMPLE = { status: '', id: '', from: '', Type: '', Action: '', Actor: { ID: '', Attributes: {} }, scope: '', time: 0, timeNano: 0 };
