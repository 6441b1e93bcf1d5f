import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Blocking } from '../host/wait.ts';
import type { Command } from './command.ts';
import { commands } from './registry.ts';

/** What a generator returns that has nothing to wait for. */
function result<T>(body: Blocking<T>): T {
  const step = body.next('event');
  if (!step.done) throw new Error('it waits');
  return step.value;
}

test('what the registry tells of a command before it is loaded is what the command says of itself', () => {
  for (const command of commands) {
    if (!('load' in command)) continue;
    const { name, paths } = result(command.load());
    expect({ name: command.name, paths: command.paths }).toEqual({ name, paths });
  }
});

test('no two commands have a name or a path in common', () => {
  const names = commands.map(({ name }) => name);
  const paths = commands.flatMap((command) => command.paths);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(paths).size).toBe(paths.length);
});

test('the registry leaves out none of the commands that a family has', async () => {
  const here = new URL('.', import.meta.url);
  const listed = new Set(commands.map(({ name }) => name));
  const families = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((path) => /^[^/]+\/[^/.]+\.ts$/.test(path));
  for (const path of families) {
    const module = (await import(new URL(path, here).href)) as { commands?: readonly Command[] };
    const left = Array.isArray(module.commands) ? module.commands.filter(({ name }) => !listed.has(name)) : [];
    expect(left.map(({ name }) => `${path}: ${name}`)).toEqual([]);
  }
});
