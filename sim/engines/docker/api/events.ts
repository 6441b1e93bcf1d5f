import { encode } from '../../../base/bytes.ts';
import { EPOCH_SECONDS, SECOND } from '../../../base/time.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import type { EventMessage } from '../events.ts';
import { go } from '../goroutine.ts';
import { invalid, Refusal } from '../refusal.ts';
import { Connection } from './connection.ts';
import { type Filters, parseFilters, passes } from './filters.ts';
import type { Answer, Call, Route } from './route.ts';

export const eventRoutes: readonly Route[] = [{ method: 'GET', path: '/events', handle: events }];

const FILTERS = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
];

/** GET /events: one JSON object a line, the past from `since` on, then what happens until `until`. */
function* events({ engine, query }: Call): Blocking<Answer> {
  // Filters that it doesn't know are passed over.
  const filters = parseFilters(query.filters, [...FILTERS, ...Object.keys(JSON.parse(query.filters || '{}'))]);
  if (filters instanceof Refusal) return filters;
  const at = (text: string | undefined): number | undefined => (text ? (Number(text) - EPOCH_SECONDS) * SECOND : undefined);
  const [since, until] = [at(query.since), at(query.until)];
  if (since !== undefined && until !== undefined && until < since) return invalid('since time (%s) cannot be after until time (%s)');
  const connection = new Connection();
  go(engine.host.events, send(engine, connection, filters, since, until));
  return { status: 200, connection };
}

function* send(
  engine: Engine,
  connection: Connection,
  filters: Filters,
  since: number | undefined,
  until: number | undefined,
): Blocking<void> {
  const log = engine.events;
  let position = since === undefined && until === undefined ? log.dropped + log.entries.length : log.dropped;
  for (;;) {
    while (position < log.dropped + log.entries.length) {
      if (connection.closedByClient) return;
      if (!connection.hasRoom) {
        yield { on: [connection.clientActed] };
        continue;
      }
      const entry = log.entries[Math.max(position, log.dropped) - log.dropped];
      position = Math.max(position, log.dropped) + 1;
      // An end in the past is reached when everything has been looked at.
      if (!entry || (since !== undefined && entry.at < since) || (until !== undefined && until > 0 && entry.at > until)) continue;
      if (fits(entry.message, filters)) connection.push({ source: 'stdout', bytes: encode(`${JSON.stringify(entry.message)}\n`) });
    }
    if (connection.closedByClient || (until !== undefined && engine.host.now >= until)) break;
    yield { on: [log.grown, connection.clientActed], ...(until === undefined ? {} : { until }) };
  }
  connection.end();
}

/** Whether a message passes every filter (daemon/events/filter.go). */
function fits({ Type, Action, Actor, scope }: EventMessage, filters: Filters): boolean {
  const names = (type: EventMessage['Type'], wanted: string): boolean =>
    Type === type && (Actor.ID === wanted || Actor.ID.startsWith(wanted) || Actor.Attributes.name === wanted);
  const action = Action.split(':')[0] ?? '';
  return (
    passes(filters, 'type', (type) => Type === type) &&
    passes(filters, 'event', (event) => action === event || Action === event) &&
    passes(filters, 'scope', (wanted) => scope === wanted) &&
    passes(filters, 'container', (wanted) => names('container', wanted)) &&
    passes(filters, 'network', (wanted) => names('network', wanted)) &&
    passes(filters, 'volume', (wanted) => names('volume', wanted)) &&
    passes(filters, 'image', (wanted) => names('image', wanted) || Actor.Attributes.image === wanted || Actor.Attributes.name === wanted) &&
    passes(filters, 'label', (wanted) => {
      const equals = wanted.indexOf('=');
      return equals < 0 ? wanted in Actor.Attributes : Actor.Attributes[wanted.slice(0, equals)] === wanted.slice(equals + 1);
    })
  );
}
