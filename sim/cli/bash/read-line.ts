import { concat, decode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

/**
 * Reads one line byte by byte, so that what follows is left to whoever reads the descriptor next (a child, `read`).
 * Returns it without its newline; `undefined` at the end of the input.
 */
export function* readLine(process: Process, fd: number): Blocking<string | undefined> {
  const bytes = yield* readLineBytes(process, fd);
  if (bytes === undefined) return undefined;
  return decode(bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes);
}

/** As `readLine`, with the newline if there was one. */
export function* readLineBytes(process: Process, fd: number): Blocking<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const byte = yield* process.read(fd, 1);
    if (byte === 'EINTR') continue;
    if (typeof byte === 'string' || byte.length === 0) return chunks.length > 0 ? concat(chunks) : undefined;
    chunks.push(byte);
    if (byte[0] === 10) return concat(chunks);
  }
}
