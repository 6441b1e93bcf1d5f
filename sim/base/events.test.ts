import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue, type Timer } from './events.ts';
import { Lane } from './lane.ts';

describe('the queue of events', () => {
  test('runs what is due first, and of the same moment what was scheduled first', () => {
    const events = new EventQueue();
    const ran: string[] = [];
    events.at(20, 'late', () => ran.push('late'));
    events.at(10, 'first', () => ran.push('first'));
    events.at(10, 'second', () => ran.push('second'));
    events.runUntil(30);
    expect(ran).toEqual(['first', 'second', 'late']);
    expect(events.now).toBe(30);
  });

  test('what an event schedules for the present runs after all that is due already', () => {
    const events = new EventQueue();
    const ran: string[] = [];
    events.at(10, 'a', () => {
      ran.push('a');
      events.after(0, 'c', () => ran.push('c'));
      events.at(3, 'past', () => ran.push('past'));
    });
    events.at(10, 'b', () => ran.push('b'));
    events.settle();
    expect(ran).toEqual(['a', 'b', 'c', 'past']);
  });

  test('an event that throws is over, and what it scheduled stands', () => {
    const events = new EventQueue();
    const ran: string[] = [];
    events.at(10, 'bad', () => {
      events.at(11, 'child', () => ran.push('child'));
      throw new Error('oops');
    });
    events.at(10, 'good', () => ran.push('good'));
    expect(() => events.runUntil(20)).toThrow('oops');
    events.runUntil(20);
    expect(ran).toEqual(['good', 'child']);
  });

  test('names the busiest timer when there is no rest', () => {
    const events = new EventQueue();
    const again = (): void => {
      events.after(1, 'storm', again);
    };
    again();
    events.at(5, 'calm', () => {});
    expect(() => events.settle(100)).toThrow("the busiest timer is 'storm' (99% of them)");
  });
});

/** What an event does when it runs: schedules others so much later, and takes back the one scheduled that many before. */
const step = fc.record({ delays: fc.array(fc.nat(5), { maxLength: 3 }), lane: fc.boolean(), cancel: fc.option(fc.nat(6)) });

test('whatever events schedule and take back, the order is that of a sorted list', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      expect(played(steps, queue())).toEqual(played(steps, sortedList()));
    }),
  );
});

interface Schedule {
  now(): number;
  at(due: number, run: () => void): Timer | { run?: unknown };
  inLane(due: number, run: () => void): void;
  cancel(timer: unknown): void;
  run(): void;
}

function played(steps: readonly { delays: number[]; lane: boolean; cancel: number | null }[], schedule: Schedule): string[] {
  const ran: string[] = [];
  const timers: unknown[] = [];
  let next = 0;
  let laneDue = 0;
  const act = (): void => {
    const step = steps[next++];
    if (!step) return;
    for (const delay of step.delays) {
      const name = `${next}+${delay}`;
      const run = (): void => {
        ran.push(`${name} at ${schedule.now()}`);
        act();
      };
      if (step.lane) {
        laneDue = Math.max(laneDue, schedule.now() + delay);
        schedule.inLane(laneDue, run);
      } else timers.push(schedule.at(schedule.now() + delay, run));
    }
    if (step.cancel !== null) schedule.cancel(timers.at(-1 - step.cancel));
  };
  for (let i = 0; i < 3; i++) act();
  schedule.run();
  return ran;
}

function queue(): Schedule {
  const events = new EventQueue();
  const lane = new Lane<() => void>(events, 'lane', (run) => run());
  return {
    now: () => events.now,
    at: (due, run) => events.at(due, 'timer', run),
    inLane: (due, run) => lane.push(run, due),
    cancel: (timer) => events.cancel(timer as Timer | undefined),
    run: () => events.settle(),
  };
}

function sortedList(): Schedule {
  const list: { due: number; run: () => void }[] = [];
  let now = 0;
  const at = (due: number, run: () => void) => {
    const entry = { due, run };
    const behind = list.findIndex((other) => other.due > due);
    list.splice(behind < 0 ? list.length : behind, 0, entry);
    return entry;
  };
  return {
    now: () => now,
    at,
    inLane: at,
    cancel(timer) {
      const index = list.indexOf(timer as (typeof list)[number]);
      if (index >= 0) list.splice(index, 1);
    },
    run() {
      for (let entry = list.shift(); entry; entry = list.shift()) {
        now = entry.due;
        entry.run();
      }
    },
  };
}
