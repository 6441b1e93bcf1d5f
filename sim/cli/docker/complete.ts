import type { Engine } from '../../engines/docker/engine.ts';
import { SocketFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Completer } from '../command.ts';
import { isGroup, type LeafCommand, type OperandKind } from './command.ts';
import { commandNames, findCommand, findInGroup } from './tree.ts';

/** Candidates for Tab: commands, their flags, and the names of what they work on. */
export const complete: Completer = (process, words, word) => {
  const [name, ...rest] = words.slice(1);
  if (name === undefined) return starting(commandNames(), word);
  const command = findCommand(name);
  if (!command) return [];
  if (!isGroup(command)) return leaf(process, command, rest, word);
  const [sub, ...more] = rest;
  if (sub === undefined) return starting([...command.commands.keys()], word);
  const found = findInGroup(command, sub);
  return found ? leaf(process, found, more, word) : [];
};

function leaf(process: Process, command: LeafCommand, words: readonly string[], word: string): string[] {
  if (word.startsWith('-'))
    return starting(
      command.flags.filter((flag) => !flag.hidden && !flag.unmodelled).map((flag) => `--${flag.long}`),
      word,
    );
  const previous = command.flags.find((flag) => words.at(-1) === `--${flag.long}` || (flag.short && words.at(-1) === `-${flag.short}`));
  if (previous && previous.type !== 'bool') {
    const kind: OperandKind | undefined = ['network', 'net'].includes(previous.long) ? 'network' : undefined;
    return kind ? starting(names(process, kind), word) : [];
  }
  const kinds = command.completes ?? [];
  const position = words.filter((text) => !text.startsWith('-')).length;
  const kind = kinds[Math.min(position, kinds.length - 1)];
  if (!kind || (command.stopAtOperand && position > 0)) return [];
  return starting(names(process, kind), word).filter((candidate) => !words.includes(candidate));
}

function starting(candidates: readonly string[], word: string): string[] {
  return candidates.filter((candidate) => candidate.startsWith(word)).sort();
}

/** The real completion asks the daemon; between keystrokes no virtual time may pass, so this one looks at its state. */
function names(process: Process, kind: OperandKind): string[] {
  const found = process.namespaces.mnt.resolve(process, '/var/run/docker.sock');
  if (typeof found === 'string' || !(found.inode instanceof SocketFile)) return [];
  const engine = found.inode.service as Engine;
  const containers = engine.containers.list();
  if (kind === 'network') return engine.networks.list().map((network) => network.name);
  if (kind === 'image') return engine.images.images.flatMap((image) => image.tags);
  if (kind === 'running container') return containers.filter((container) => container.running).map((container) => container.name);
  return containers.map((container) => container.name);
}
