import { concat, decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Asked, readMessages, readUnsigned } from './message-bytes.ts';
import type { Tool } from './tool.ts';
import { Quit } from './words.ts';

/** What `save` writes and `showdump` and `restore` read: a number that says what it is, then the messages as they came from the kernel. */
export interface Saving {
  /** `route`, `address`. */
  what: string;
  magic: number;
  /** The exit status when a file is something else. */
  status: number;
}

/** Who asked, as the kernel's answers repeat it: iproute2 counts its requests from the time at which it began. */
export function asked(tool: Tool, flags: number): Asked {
  return {
    flags,
    sequence: EPOCH_SECONDS + Math.floor(tool.process.host.now / SECOND) + 2,
    port: tool.process.pid,
  };
}

export function refuseTerminal(tool: Tool): void {
  if (terminalOf(tool.process.fds.get(1))) throw new Quit('Not sending a binary stream to stdout\n', 255);
}

/** Writes to standard output: the magic number, or messages. */
export function save(tool: Tool, parts: readonly Uint8Array[]): void {
  tool.print(decode(concat(parts)));
}

/** The messages on standard input, or the end of the command when they begin otherwise. */
export function* saved(tool: Tool, { what, magic, status }: Saving): Blocking<{ type: number; body: Uint8Array }[]> {
  if (terminalOf(tool.process.fds.get(0))) throw new Quit(`Can't restore ${what} dump from a terminal\n`, status);
  const bytes = yield* readAll(tool);
  const found = readUnsigned(bytes, 0, 4);
  if (found !== magic) throw new Quit(`Magic mismatch (${bytes.length >= 4 ? 1 : 0} elems, ${found.toString(16)} magic)\n`, status);
  return readMessages(bytes.subarray(4));
}

function* readAll(tool: Tool): Blocking<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = yield* tool.process.read(0, 65_536);
    if (typeof chunk === 'string' || chunk.length === 0) return concat(chunks);
    chunks.push(chunk);
  }
}

/** Whether standard input can be read over again, as restoring routes does; says so if not. */
export function seekable(tool: Tool): boolean {
  const failed = tool.process.fds.get(0)?.seek(4);
  if (failed) tool.warn(`Failed to restore: ftell: ${strerror(failed)}\n`);
  return !failed;
}
