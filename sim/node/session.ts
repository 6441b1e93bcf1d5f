import { UnknownHost, World } from '../complete.ts';
import { Pacer, type Turns } from '../worker/pacer.ts';

/** Node's clock and event loop, until `stop`. */
class NodeTurns implements Turns {
  #timer: NodeJS.Timeout | undefined;

  now(): number {
    return performance.now();
  }

  soon(turn: () => void): void {
    setImmediate(turn);
  }

  later(milliseconds: number, turn: () => void): () => void {
    this.#timer = setTimeout(turn, milliseconds);
    return () => clearTimeout(this.#timer);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

const END_OF_FILE = Uint8Array.of(4);

/**
 * A login shell of a new world in this process's terminal, until it ends: virtual time keeps to the wall clock, every key goes
 * to the simulated terminal (Ctrl-C, too), and so does the window's size. Without a terminal, standard input is typed.
 *
 * @param host the first one of the world unless given
 * @throws UnknownScenario, UnknownHost
 */
export function session(scenario: string, host?: string): Promise<void> {
  const world = World.create(scenario);
  const name = host ?? [...world.hosts.keys()][0];
  if (name === undefined || !world.hosts.has(name)) throw new UnknownHost(world, name ?? '');
  const { stdin, stdout } = process;
  const terminal = world.openTerminal(name, { ...windowSize(), onOutput: (bytes) => void stdout.write(bytes) });

  return new Promise((resolve) => {
    const turns = new NodeTurns();
    const end = (): void => {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.destroy();
      stdout.off('resize', resized);
      pacer.held = true;
      turns.stop();
      resolve();
    };
    const pacer = new Pacer(
      world,
      turns,
      () => terminal.closed && end(),
      () => true,
    );
    const input = (act: () => void): void => {
      if (terminal.closed) return;
      pacer.catchUp();
      act();
      pacer.wake();
    };
    const resized = (): void => input(() => terminal.resize(windowSize().columns, windowSize().rows));
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', (bytes: Buffer) => input(() => terminal.write(new Uint8Array(bytes))));
    stdin.on('end', () => input(() => terminal.write(END_OF_FILE)));
    stdout.on('resize', resized);
    pacer.wake();
  });
}

function windowSize(): { columns: number; rows: number } {
  return { columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 };
}
