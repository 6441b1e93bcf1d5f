import { expect, test } from 'vitest';
import { EventQueue } from '../base/events.ts';
import { Pacer, type Turns } from './pacer.ts';

/** A wall clock and an event loop that stand still until the test moves them. */
class FakeTurns implements Turns {
  wall = 0;
  turns = 0;
  #soon: (() => void)[] = [];
  timer: { at: number; turn: () => void } | undefined;

  now(): number {
    return this.wall;
  }
  soon(turn: () => void): void {
    this.#soon.push(turn);
  }
  later(milliseconds: number, turn: () => void): () => void {
    const timer = { at: this.wall + milliseconds, turn };
    this.timer = timer;
    return () => {
      if (this.timer === timer) this.timer = undefined;
    };
  }

  /** Runs turns that are due at once. Returns how many there were. */
  drain(most = 1000): number {
    let ran = 0;
    for (; ran < most && this.#soon.length > 0; ran++) this.#soon.shift()?.();
    this.turns += ran;
    return ran;
  }

  /** Lets wall time pass, with timers firing on time. */
  pass(milliseconds: number): void {
    const end = this.wall + milliseconds;
    this.drain();
    while (this.timer && this.timer.at <= end) {
      this.wall = this.timer.at;
      const { turn } = this.timer;
      this.timer = undefined;
      turn();
      this.drain();
    }
    this.wall = end;
  }
}

function paced(attached = false) {
  const events = new EventQueue();
  const turns = new FakeTurns();
  const world = {
    get now() {
      return events.now;
    },
    events,
    advance: (duration: number, budget?: number) => {
      events.runUntil(events.now + duration, budget);
    },
  };
  return {
    events,
    turns,
    pacer: new Pacer(
      world,
      turns,
      () => {},
      () => attached,
    ),
  };
}

test('an event a virtual second away happens a wall second later, and nothing turns meanwhile', () => {
  const { events, turns, pacer } = paced();
  let rang = -1;
  events.after(1_000_000, 'ping', () => {
    rang = turns.wall;
  });
  pacer.wake();
  turns.pass(900);
  expect(rang).toBe(-1);
  expect(turns.turns).toBeLessThan(3);
  turns.pass(200);
  expect(rang).toBeGreaterThanOrEqual(1000);
  expect(rang).toBeLessThan(1002);
});

test('with only background timers left the world sleeps, and catches up at the next input', () => {
  const { events, turns, pacer } = paced();
  let aged = 0;
  events.after(30_000_000, 'neigh gc', () => aged++, true);
  pacer.wake();
  turns.pass(60_000);
  expect(turns.timer).toBeUndefined();
  expect(aged).toBe(0);
  pacer.catchUp();
  expect(aged).toBe(1);
  expect(events.now).toBe(60_000_000);
});

test('while somebody listens, background timers fire on time', () => {
  const { events, turns, pacer } = paced(true);
  let aged = -1;
  events.after(2_000_000, 'neigh gc', () => (aged = turns.wall), true);
  pacer.wake();
  turns.pass(3000);
  expect(Math.round(aged)).toBe(2000);
});

test('an endless loop yields after a few milliseconds, and time doesn’t pile up behind it', () => {
  const { events, turns, pacer } = paced();
  const spin = (): void => {
    events.after(1, 'loop', spin);
    turns.wall += 0.01; // what an event costs
  };
  spin();
  pacer.wake();
  const began = turns.wall;
  turns.drain(1);
  expect(turns.wall - began).toBeLessThan(20);
  turns.drain(100);
  expect(events.now / 1000).toBeLessThan(turns.wall + 1);
});

test('a computer that slept wakes to five seconds of the world, not to an hour', () => {
  const { events, turns, pacer } = paced();
  let replies = 0;
  const ping = (): void => {
    replies++;
    events.after(1_000_000, 'ping', ping);
  };
  ping();
  pacer.wake();
  turns.drain();
  turns.wall += 3_600_000;
  turns.timer?.turn();
  turns.drain(3);
  expect(replies).toBeLessThan(8);
});

test('a flat stretch runs ahead of the clock; pacing goes on from where it ended', () => {
  const { events, turns, pacer } = paced();
  let done = false;
  events.after(3_600_000_000, 'hour', () => {
    done = true;
  });
  pacer.runFlat(() => {
    events.step();
    return done;
  });
  turns.pass(1);
  expect(events.now).toBe(3_600_000_000);
  let rang = false;
  events.after(1_000_000, 'ping', () => {
    rang = true;
  });
  pacer.wake();
  turns.pass(500);
  expect(rang).toBe(false);
  turns.pass(600);
  expect(rang).toBe(true);
});

test('a page that can’t keep up holds the world', () => {
  const { events, turns, pacer } = paced();
  let ran = 0;
  const spin = (): void => {
    ran++;
    events.after(1000, 'loop', spin);
  };
  spin();
  pacer.wake();
  turns.pass(10);
  pacer.held = true;
  const before = ran;
  turns.pass(1000);
  expect(ran).toBe(before);
  pacer.held = false;
  turns.pass(10);
  expect(ran).toBeGreaterThan(before);
});
