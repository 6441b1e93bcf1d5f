/** One line of the report. */
export interface Figure {
  what: string;
  /** Milliseconds; or packets a second, or kilobytes, as `unit` says. */
  value: number;
  unit: 'ms' | 'packets/s' | 'KB';
  /** What issue and design ask for, in the same unit: at most, or for packets a second at least. */
  goal?: number;
  note?: string;
}

/** Rounds of short work; the fastest counts, since other work on the machine only ever slows one down. */
export const ROUNDS = 12;

/**
 * Milliseconds of processor time that this thread has used. The simulation is one thread and waits for nothing, so on an idle
 * machine this is wall time; on a busy one it leaves out what others took.
 */
export function clock(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of the fastest of some rounds. */
export function best(work: () => void, rounds = ROUNDS): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const began = clock();
    work();
    fastest = Math.min(fastest, clock() - began);
  }
  return fastest;
}

/** The unit of work in milliseconds: Internet checksums over frames of 1,500 bytes, 20,000 of them. */
export function unitOfWork(): number {
  const frame = Uint8Array.from({ length: 1500 }, (_, index) => index & 255);
  let sink = 0;
  const milliseconds = best(() => {
    for (let round = 0; round < 20_000; round++) {
      let sum = 0;
      for (let at = 0; at < frame.length; at += 2) sum += ((frame[at] as number) << 8) | (frame[at + 1] as number);
      sink ^= sum;
    }
  });
  if (sink === 1) throw new Error('unreachable; keeps the loop from being left out');
  return milliseconds;
}
