import { expect, it } from 'vitest';
import { Trace, TraceKind } from './trace.ts';

it('a frame that arrives as it was sent is stored once, and read twice', () => {
  const trace = new Trace({ now: 5 }, 16, 64);
  const frame = Uint8Array.from({ length: 20 }, (_, i) => i);
  trace.emit(TraceKind.Transmit, 1, 1, 7, 0, '', frame);
  const at = trace.lastFrame;
  expect(trace.emitAgain(TraceKind.Receive, 2, 1, 7, at, 20)).toBe(true);
  const [sent, received] = trace.events();
  expect(received).toMatchObject({ kind: TraceKind.Receive, device: 2, packet: 7, frame: sent?.frame });
  // Two more frames fit beside it; the one after takes its place.
  for (let i = 0; i < 2; i++) trace.emit(TraceKind.Transmit, 1, 1, 8, 0, '', frame);
  expect(trace.emitAgain(TraceKind.Receive, 2, 1, 7, at, 20)).toBe(true);
  trace.emit(TraceKind.Transmit, 1, 1, 9, 0, '', frame);
  expect(trace.emitAgain(TraceKind.Receive, 2, 1, 7, at, 20)).toBe(false);
});
