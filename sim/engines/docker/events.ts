import type { Micros } from '../../base/time.ts';
import { SECOND, EPOCH_SECONDS } from '../../base/time.ts';
import { WaitQueue } from '../../host/wait.ts';
import { unixSeconds } from './clock.ts';

export type EventType = 'container' | 'network' | 'volume' | 'image';

/** An event as the API sends it (`events.Message`); fields in its order. */
export interface EventMessage {
  status?: string;
  id?: string;
  from?: string;
  Type: EventType;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: 'local';
  time: number;
  timeNano: number;
}

export interface LoggedEvent {
  at: Micros;
  message: EventMessage;
}

/** How many are remembered for those who ask late (daemon/events). */
const LIMIT = 256;

/** What has happened in the daemon, for `docker events`. */
export class Events {
  readonly entries: LoggedEvent[] = [];
  /** How many are gone at the front: positions stay valid. */
  dropped = 0;
  readonly grown = new WaitQueue();

  log(at: Micros, type: EventType, action: string, id: string, attributes: Record<string, string>): void {
    const sorted = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    // Fields of old API versions, which containers and images still have.
    const legacy =
      type === 'container' ? { status: action, id, from: attributes.image ?? '' } : type === 'image' ? { status: action, id } : {};
    const time = unixSeconds(at);
    const timeNano = (EPOCH_SECONDS + at / SECOND) * 1e9;
    const message: EventMessage = {
      ...legacy,
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: sorted },
      scope: 'local',
      time,
      timeNano,
    };
    this.entries.push({ at, message });
    if (this.entries.length > LIMIT) {
      this.entries.shift();
      this.dropped++;
    }
    this.grown.wake();
  }
}
