import { type Errno, strerror } from '../../base/errno.ts';

/** A text of rules: a file, or what was typed. */
export interface Source {
  /** As messages name it; `undefined` for the command line. */
  name: string | undefined;
  text: string;
}

/** Where something stands in a text: offsets of its first character and of the one behind its last. */
export interface Span {
  source: Source;
  start: number;
  end: number;
  /** The text's end itself, behind its last newline. */
  beyond?: true;
}

/** No text of the user's: what JSON has said stands nowhere that messages could show. */
export const INTERNAL: Source = { name: 'internal', text: '' };

/** What is wrong with a text, and where; `others` are underlined with `~`. */
export interface Complaint {
  message: string;
  at: Span | undefined;
  others?: readonly Span[];
  /** It is ours that lacks something, not the text. */
  unmodelled?: true;
  /** Who says so, if it isn't nft itself. */
  speaker?: 'netlink';
  /** The kernel refused it, for this reason. */
  errno?: Errno;
}

/** Ends parsing or evaluating; caught where that began. */
export class Rejected extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(complaints[0]?.message);
    this.complaints = complaints;
  }
}

export function reject(message: string, at: Span | undefined, others: readonly Span[] = []): never {
  throw new Rejected([{ message, at, others }]);
}

/** What the kernel says no to. */
export function refuse(errno: Errno, at: Span): never {
  throw new Rejected([{ message: errno === 'EOPNOTSUPP' ? 'Operation not supported' : strerror(errno), at, errno }]);
}

export function unmodelled(what: string, at: Span): never {
  throw new Rejected([{ message: what, at, unmodelled: true }]);
}

export function join(first: Span, last: Span): Span {
  return { source: first.source, start: first.start, end: last.end };
}

/** A command with the end of its line. */
export function wholeCommand(at: Span): Span {
  return { ...at, end: at.end + 1 };
}

/** A complaint as nft prints it, the text underlined (src/erec.c). */
export function complaintText({ message, at, others = [], speaker }: Complaint): string {
  if (!at) return `${speaker ? `${speaker}: ` : ''}Error: ${message}\n`;
  if (at.source === INTERNAL) return `internal:0:0-0: Error: ${message}\n\n`;
  const { text, name } = at.source;
  // Behind the end there is nothing to show but the last line.
  const { beyond = false } = at;
  const begin = text.lastIndexOf('\n', beyond && text.endsWith('\n') ? text.length - 2 : at.start - 1) + 1;
  const newline = text.indexOf('\n', begin);
  const line = text.slice(begin, newline < 0 ? text.length : newline);
  const first = beyond ? 0 : at.start - begin;
  const last = beyond ? 1 : Math.max(first + 1, Math.min(at.end - begin, line.length + 1));
  const marks: string[] = Array.from({ length: Math.max(line.length, last) }, (_, i) => (line[i] === '\t' ? '\t' : ' '));
  for (const other of others) for (let i = Math.max(0, other.start - begin); i < other.end - begin; i++) marks[i] = '~';
  for (let i = first; i < last; i++) marks[i] = '^';
  const where = name === undefined ? '' : `${name}:${lineNumber(text, at.start)}:${first + 1}-${last}: `;
  return `${where}Error: ${message}\n${line}\n${marks.join('').trimEnd()}\n`;
}

function lineNumber(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
