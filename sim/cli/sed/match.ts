import type { Address, Command, RangeEnd } from './script.ts';

/** What addresses are compared with. `matches` runs a regular expression on the pattern space, `last` may have to be read. */
export interface Position {
  line: number;
  last: boolean;
  matches(address: Extract<Address, { kind: 'regex' }>): boolean;
}

/** How far a range has got; one per command with two addresses. */
export interface RangeState {
  /** A range that began at a line number is over for good (`closed`): numbers don't come back. */
  phase: 'inactive' | 'active' | 'closed';
  /** The line on which it ends, when its second address counts from its start. */
  end: number;
}

export function initialState(command: Command): RangeState {
  // 0,/re/ is active before the first line, so that the end may match there.
  return { phase: command.from?.kind === 'line' && command.from.line === 0 ? 'active' : 'inactive', end: 0 };
}

/** Whether a command's addresses need to know if this is the last line, which costs reading ahead. */
export function asksForLast(command: Command): boolean {
  return command.from?.kind === 'last' || command.to?.kind === 'last';
}

/**
 * Whether a command applies, before `!` is considered. It may not be asked about every line (`n`, `N` and `b` skip it), so a range
 * begins at the first line asked about that is not before its start.
 *
 * @see sed/execute.c `match_address_p`
 */
export function applies(command: Command, state: RangeState, position: Position): boolean {
  const { from, to } = command;
  if (!from) return true;
  if (!to) return matchesAddress(from, position);
  if (state.phase === 'active') return continues(from, to, state, position);
  if (state.phase === 'closed') return false;
  return begins(from, to, state, position);
}

function begins(from: Address, to: RangeEnd, state: RangeState, position: Position): boolean {
  const { line } = position;
  if (from.kind === 'line' ? line < from.line : !matchesAddress(from, position)) return false;
  if (to.kind === 'line') {
    if (line >= to.line) close(from, state);
    else state.phase = 'active';
    return from.kind !== 'line' || line === from.line || line <= to.line;
  }
  state.end = to.kind === 'plus' ? line + to.count : to.kind === 'multiple' ? nextMultiple(line, to.of) : 0;
  if ((to.kind === 'plus' || to.kind === 'multiple') && state.end <= line) close(from, state);
  else state.phase = 'active';
  return true;
}

function continues(from: Address, to: RangeEnd, state: RangeState, position: Position): boolean {
  if (to.kind === 'line') {
    if (position.line >= to.line) close(from, state);
    return position.line <= to.line;
  }
  const over = to.kind === 'plus' || to.kind === 'multiple' ? position.line >= state.end : matchesAddress(to, position);
  if (over) close(from, state);
  return true;
}

function close(from: Address, state: RangeState): void {
  state.phase = from.kind === 'line' ? 'closed' : 'inactive';
}

/** The line to which `~of` goes: a multiple already reached doesn't count, `4,~4` goes on to line 8. */
function nextMultiple(line: number, of: number): number {
  return of === 0 ? line : (Math.floor(line / of) + 1) * of;
}

function matchesAddress(address: Address, position: Position): boolean {
  switch (address.kind) {
    case 'line':
      return position.line === address.line;
    case 'last':
      return position.last;
    case 'regex':
      return position.matches(address);
    case 'step':
      return position.line >= address.first && (position.line - address.first) % address.step === 0;
  }
}
