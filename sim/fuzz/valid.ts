import { readdirSync, readFileSync } from 'node:fs';
import { parseRecordings } from '../cli/recorded.ts';
import type { World } from '../index.ts';
import { replay } from '../oracle/replay.ts';
import { isBadLine, parseTranscript, type Transcript } from '../oracle/transcript.ts';
import { CAPTURED_NAMES, captured } from '../wire/captured.ts';

/** Valid inputs to start from: what people typed in the recorded transcripts, and frames that crossed real and simulated wires. */

const CASES = new URL('../oracle/cases/', import.meta.url);

const transcripts = once((): Transcript[] =>
  readdirSync(CASES)
    .filter((name) => name.endsWith('.console'))
    .sort()
    .map((name) => parseTranscript(readFileSync(new URL(name, CASES), 'utf8')))
    .filter((parsed): parsed is Transcript => !isBadLine(parsed)),
);

/** Every command line of the transcripts. */
export const commandLines = once((): string[] => [...new Set(transcripts().flatMap(({ steps }) => steps.map((step) => step.command)))]);

/** The simple commands in them by the program's name, as words behind it: `ip netns exec x ping y` is one of `ip` and one of `ping`. */
const calls = once((): Map<string, string[][]> => {
  const found = new Map<string, string[][]>();
  for (const line of commandLines()) {
    for (const simple of line.split(/\n|;|&&|\|\||[|&]/)) {
      const words = wordsOf(simple);
      for (let at = 0; at < words.length; at++) {
        if (!/^[a-z][a-z0-9-]*$/.test(words[at] as string)) break;
        add(found, words[at] as string, words.slice(at + 1));
        if (!(words[at] === 'ip' && words[at + 1] === 'netns' && words[at + 2] === 'exec')) break;
        at += 3;
      }
    }
  }
  return found;
});

function add(found: Map<string, string[][]>, name: string, args: string[]): void {
  const list = found.get(name) ?? [];
  list.push(args);
  found.set(name, list);
}

/** What the transcripts give `program` for arguments, and `more` lines. */
export function argumentsOf(program: string, more: readonly string[] = []): string[][] {
  return [...(calls().get(program) ?? []), ...more.map(wordsOf)];
}

/** Words as a shell makes them, without expansions; redirections are left out. */
export function wordsOf(line: string): string[] {
  const words = line.replace(/\d?(?:>>?|<)&?\s*[^\s]+/g, ' ').match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, double?: string, single?: string) => double?.replace(/\\(.)/g, '$1') ?? single ?? '',
    ),
  );
}

/** The arguments of the recorded calls of a text tool (`recorded.txt` in its folder). */
export function recordedArguments(tool: string): string[][] {
  return parseRecordings(fileText(`../cli/${tool}/recorded.txt`)).cases.map(({ args }) => args);
}

/** The rules that iptables was recorded with, as words. */
export const recordedRules = once((): string[][] =>
  fileText('../cli/iptables/recorded-rules.txt')
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => wordsOf(line.slice(2))),
);

/** The shell's test scripts. */
export const shellScripts = once((): string[] => {
  const folder = new URL('../cli/bash/testdata/', import.meta.url);
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n'))
    .filter((line) => /^\$ |^> /.test(line))
    .map((line) => line.slice(2));
});

function fileText(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

/** Frames that crossed real wires, and every differing length and beginning of those in a few transcripts as the simulation plays them. */
export const frames = once((): Uint8Array[] => {
  const found = new Map<string, Uint8Array>();
  for (const name of ['linux-vxlan', 'linux-ipv6', 'dns-dig', 'linux-stp']) {
    const parsed = parseTranscript(fileText(`../oracle/cases/${name}.console`));
    if (isBadLine(parsed)) continue;
    const world: World = replay(parsed, () => {});
    for (const { frame } of world.trace.events())
      if (frame.length > 0) found.set(`${frame.length} ${frame.subarray(12, 24).join()}`, frame);
  }
  return [...CAPTURED_NAMES.map(captured), ...[...found.values()].slice(0, 400)];
});

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
