/** A `console` block of a chapter, read: what to run, where, and what must come of it. */
export interface Fence {
  host: string | undefined;
  terminal: string | undefined;
  /** Texts that the cell's output must contain. */
  expect: string[];
  /** What the last command must end with while the others succeed; `fails` when a failure somewhere in the cell is the point. */
  status: number | 'fails';
  commands: string[];
  /** For each command, the host that `HOST$ ` names before it. */
  hosts: (string | undefined)[];
}

/** A mistake in a chapter. `line` counts from the fence's first line, which is 0. */
export class FenceError extends Error {
  readonly line: number;

  constructor(message: string, line = 0) {
    super(message);
    this.name = 'FenceError';
    this.line = line;
  }
}

const ATTRIBUTE = /\s*([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"']\S*)))?/y;

/**
 * Reads a fence: `$ ` begins a command (`HOST$ ` where exercises say which host types it), `> ` continues it, and nothing else stands in the source, because outputs are computed.
 *
 * @param meta what follows `console` on the fence's first line
 * @param text the lines between the fences
 * @throws FenceError
 */
export function readFence(meta: string, text: string): Fence {
  const fence: Fence = { host: undefined, terminal: undefined, expect: [], status: 0, commands: [], hosts: [] };
  for (const [name, value] of readAttributes(meta)) setAttribute(fence, name, value);
  readCommands(fence, text);
  return fence;
}

function readAttributes(meta: string): [string, string | undefined][] {
  const found: [string, string | undefined][] = [];
  const text = meta.trim();
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < text.length) {
    const at = ATTRIBUTE.lastIndex;
    const match = ATTRIBUTE.exec(text);
    if (!match) throw new FenceError(`can't read \`${text.slice(at).trim()}\` after \`console\``);
    found.push([match[1] as string, match[2] ?? match[3] ?? match[4]]);
  }
  return found;
}

function setAttribute(fence: Fence, name: string, value: string | undefined): void {
  if (name === 'host') fence.host = needed(name, value);
  else if (name === 'terminal') fence.terminal = needed(name, value);
  else if (name === 'expect') fence.expect.push(needed(name, value));
  else if (name === 'fails' && value === undefined) fence.status = 'fails';
  else if (name === 'exit') {
    const status = needed(name, value);
    if (!/^\d{1,3}$/.test(status) || Number(status) > 255) throw new FenceError(`exit=${status} is no exit status (0 to 255)`);
    fence.status = Number(status);
  } else {
    throw new FenceError(`a console block has no attribute \`${name}\`; it knows host, terminal, expect, exit and fails`);
  }
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new FenceError(`\`${name}\` needs a value, as in ${name}="…"`);
  return value;
}

const COMMAND = /^([\w-]*)\$ (.*)$/;

function readCommands(fence: Fence, text: string): void {
  text.split('\n').forEach((line, index) => {
    const [, host, command] = COMMAND.exec(line) ?? [];
    if (command !== undefined) {
      fence.commands.push(command);
      fence.hosts.push(host === '' ? undefined : host);
    } else if ((line.startsWith('> ') || line === '>') && fence.commands.length > 0) {
      fence.commands.push(`${fence.commands.pop()}\n${line.slice(2)}`);
    } else if (line.trim() !== '') {
      throw new FenceError('outputs are computed, not written: a line begins with `$ ` (a command) or `> ` (its continuation)', index + 1);
    }
  });
  if (fence.commands.length === 0) throw new FenceError('a console block needs at least one `$ command`');
}
