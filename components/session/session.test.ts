import { expect, test } from 'vitest';
import type { CellCommands } from '../../sim/worker/cell-run.ts';
import type { FromWorker, ToWorker } from '../../sim/worker/protocol.ts';
import { Client, type Port } from './client.ts';
import { type CellState, Session, type SessionCell } from './session.ts';

/** A worker that notes what it is asked and answers when the test says so. */
class FakePort implements Port {
  readonly asked: ToWorker[] = [];
  terminated = false;
  #message: (event: { data: FromWorker }) => void = () => {};

  postMessage(message: ToWorker): void {
    if (message.op !== 'ack') this.asked.push(message);
  }

  addEventListener(type: 'message' | 'error', listener: (event: never) => void): void {
    if (type === 'message') this.#message = listener as never;
  }

  terminate(): void {
    this.terminated = true;
  }

  /** Commands of the runs that were asked for, with their pace. */
  get runs(): string[] {
    return this.asked.flatMap((message) => (message.op === 'run' ? [`${message.args.cell.commands.join(';')} ${message.args.pace}`] : []));
  }

  async answer(message: FromWorker): Promise<void> {
    this.#message({ data: message });
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Ends the newest run. */
  async endRun(): Promise<void> {
    const last = this.asked.filter((message) => message.op === 'run').at(-1) as { id: number };
    await this.answer({ id: last.id, end: { reason: 'done' } });
  }
}

class FakeCell implements SessionCell {
  readonly name: string;
  readonly terminal: string | undefined;
  states: CellState[] = [];
  note: string | undefined;
  restored = 0;
  constructor(name: string, terminal?: string) {
    this.name = name;
    this.terminal = terminal;
  }
  commands(): CellCommands {
    return { host: 'host1', commands: [this.name], terminal: this.terminal };
  }
  begin(): void {}
  output(): void {}
  ended(): void {}
  state(state: CellState, note?: string): void {
    this.states.push(state);
    this.note = note;
  }
  restore(): void {
    this.restored++;
  }
}

function page(...cells: FakeCell[]): { session: Session; ports: FakePort[]; port: () => FakePort } {
  const ports: FakePort[] = [];
  const session = new Session('docker', () => {
    const port = new FakePort();
    ports.push(port);
    return new Client(port);
  });
  for (const cell of cells) session.add(cell);
  return { session, ports, port: () => ports.at(-1) as FakePort };
}

test('a cell runs the cells above it first, flat out, then itself at the pace of the clock', async () => {
  const [a, b, c] = [new FakeCell('a'), new FakeCell('b'), new FakeCell('c')];
  const { session, port } = page(a, b, c);
  session.run(c);
  expect(c.note).toBe('running the 2 cells above first');
  expect(port().runs).toEqual(['a flat']);
  await port().endRun();
  await port().endRun();
  await port().endRun();
  expect(port().runs).toEqual(['a flat', 'b flat', 'c wall']);
  expect(c.states.at(-1)).toBe('ran');
});

test('cells that have run don’t run again for a cell below', async () => {
  const [a, b] = [new FakeCell('a'), new FakeCell('b')];
  const { session, port } = page(a, b);
  session.run(a);
  await port().endRun();
  session.run(b);
  await port().endRun();
  expect(port().runs).toEqual(['a wall', 'b wall']);
});

test('several cells queue; one that only waits can be taken out', async () => {
  const [a, b, c] = [new FakeCell('a'), new FakeCell('b'), new FakeCell('c')];
  const { session, port } = page(a, b, c);
  session.run(a);
  session.run(b);
  session.run(c);
  expect(b.states).toEqual(['waiting']);
  session.stop(b);
  expect(b.states.at(-1)).toBe('baked');
  await port().endRun();
  await port().endRun();
  expect(port().runs).toEqual(['a wall', 'c wall']);
});

test('stopping a running cell is a Ctrl-C', () => {
  const a = new FakeCell('a');
  const { session, port } = page(a);
  session.run(a);
  session.stop(a);
  expect(port().asked.at(-1)).toMatchObject({ op: 'cancel' });
});

test('a cell that listens in a terminal lets the next one run', async () => {
  const [listen, ping] = [new FakeCell('tcpdump', 'listen'), new FakeCell('ping')];
  const { session, port } = page(listen, ping);
  session.run(ping);
  const { id } = port().asked.find((message) => message.op === 'run') as { id: number };
  await port().answer({ id, chunk: { settled: true } });
  expect(port().runs).toEqual(['tcpdump flat', 'ping wall']);
  expect(listen.states.at(-1)).toBe('running');
});

test('a reset ends the world and everything that waits in it', async () => {
  const [a, b] = [new FakeCell('a'), new FakeCell('b')];
  const { session, ports } = page(a, b);
  session.run(a);
  session.run(b);
  session.reset();
  expect(ports[0]?.terminated).toBe(true);
  expect([a.restored, b.restored]).toEqual([1, 1]);
  expect([a.states.at(-1), b.states.at(-1)]).toEqual(['baked', 'baked']);
  session.run(b);
  await new Promise((resolve) => setTimeout(resolve));
  expect(ports).toHaveLength(2);
  expect(ports[1]?.runs).toEqual(['a flat']);
});

test('a world that breaks says so in the cells that were running', async () => {
  const a = new FakeCell('a');
  const { session, port } = page(a);
  session.run(a);
  const { id } = port().asked.find((message) => message.op === 'run') as { id: number };
  await port().answer({ id, error: 'no such host' });
  expect(a.note).toBe('the simulation stopped: no such host');
});

test('after a world broke the next run gets another, from its start', async () => {
  const [a, b] = [new FakeCell('a'), new FakeCell('b')];
  const { session, ports, port } = page(a, b);
  const worlds: boolean[] = [];
  session.listen({ world: (running) => worlds.push(running) });
  session.run(b);
  const { id } = port().asked.find((message) => message.op === 'create') as { id: number };
  await port().answer({ id, error: 'the simulation could not be loaded' });
  expect([a.note, b.note]).toEqual(Array(2).fill('the simulation stopped: the simulation could not be loaded'));
  expect(ports[0]?.terminated).toBe(true);
  session.run(b);
  expect(ports).toHaveLength(2);
  await ports[1]?.endRun();
  await ports[1]?.endRun();
  expect(ports[1]?.runs).toEqual(['a flat', 'b wall']);
  expect([a.note, b.note, b.states.at(-1)]).toEqual([undefined, undefined, 'ran']);
  expect(worlds).toEqual([true, false, true]);
});
