import type { CellCommands } from './cell-run.ts';
import type { CapturePoint, Topology, TraceChunk } from '../index.ts';

/**
 * The conversation between a page and the worker its world lives in. A request opens a numbered stream: any number of chunks come
 * back, then one end. The page may cancel a stream or send input into it while it is open.
 */
export interface Operations {
  /** Makes the world. Must be the first request, and only once: a reset is a new worker. */
  create: { args: { scenario: string }; chunk: never; input: never; end: { hosts: string[] } };
  /**
   * Runs a cell. `flat` runs without regard to the wall clock; `wall` keeps pace with it. A cell with a terminal sends
   * `settled` when it has started, and ends when its command does. Cancel is Ctrl-C.
   */
  run: { args: { cell: CellCommands; pace: Pace }; chunk: RunChunk; input: never; end: RunEnd };
  /** Opens a login shell on a terminal. Chunks are what it prints; input is keystrokes and sizes. Cancel hangs up. */
  terminal: { args: { host: string; columns: number; rows: number }; chunk: Uint8Array; input: TerminalInput; end: undefined };
  /** A capture file (pcap) of what passed a place so far. */
  capture: { args: CapturePoint; chunk: never; input: never; end: { pcap: Uint8Array } };
  /** Sends the topology now and whenever it changes, and trace as it happens. Never ends; cancel it. */
  watch: { args: Record<string, never>; chunk: WatchChunk; input: never; end: undefined };
}

export type Pace = 'flat' | 'wall';
export type RunChunk = { step: number; text: string } | { step: number; status: number | undefined } | { settled: true };
/** `limit`: a flat run was taking too long (it was interrupted). `stuck`: it waits for something that can't come. */
export interface RunEnd {
  reason: 'done' | 'limit' | 'stuck';
}
export type TerminalInput = { bytes: Uint8Array } | { columns: number; rows: number };
export interface WatchChunk {
  topology?: Topology;
  trace?: TraceChunk;
  /** The trace is of cells that ran flat out, because a cell below them was wanted. */
  flat?: boolean;
}

export type OperationName = keyof Operations;
export type Args<O extends OperationName> = Operations[O]['args'];
export type Chunk<O extends OperationName> = Operations[O]['chunk'];
export type Input<O extends OperationName> = Operations[O]['input'];
export type End<O extends OperationName> = Operations[O]['end'];

export type ToWorker =
  | { [O in OperationName]: { id: number; op: O; args: Args<O> } }[OperationName]
  | { id: number; op: 'input'; input: TerminalInput }
  | { id: number; op: 'cancel' }
  /** Comes before anything else, if at all: parts of the code, by name, that are likely to be needed. Nothing depends on it. */
  | { op: 'expect'; parts: readonly string[] }
  /** The page has dealt with this many chunks. The world waits while too many are on their way. */
  | { op: 'ack'; chunks: number };

export type FromWorker = { id: number; chunk: unknown } | { id: number; end: unknown } | { id: number; error: string };

/** Chunks that may be on their way before the world waits for the page. */
export const CHUNKS_IN_FLIGHT = 64;
