import { invalid, Refusal } from '../refusal.ts';
import { closest } from './closest.ts';

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals. */
  name: string;
  /** As the `Step` lines show it: one line, single blanks where lines were joined. */
  original: string;
  /** After the name and the flags. */
  rest: string;
  /** `--from=base`: name and value; a flag without a value is `true`. */
  flags: ReadonlyMap<string, string>;
  /** The words of `["a", "b"]`, where it is that. */
  json: readonly string[] | undefined;
  line: number;
}

/** The flags that each instruction knows (instructions/parse.go). */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ADD: ['chmod', 'chown', 'checksum', 'exclude', 'keep-git-dir', 'link', 'unpack'],
  COPY: ['chmod', 'chown', 'exclude', 'from', 'link', 'parents'],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'retries', 'start-interval', 'start-period', 'timeout'],
  RUN: ['device', 'mount', 'network', 'security'],
};

const NAMES = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];

/** A mistake on a line of the Dockerfile. */
export function parseError(line: number, message: string): Refusal {
  return invalid(`dockerfile parse error on line ${line}: ${message}`);
}

/**
 * Reads a Dockerfile: comments, the `escape` directive, continued lines, flags, the JSON form. Here-documents are not part of what the
 * classic builder reads.
 */
export function parseDockerfile(text: string): Instruction[] | Refusal {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const escapeMark = /^#\s*escape\s*=\s*([\\`])\s*$/i.exec(lines[0] ?? '')?.[1] ?? '\\';
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at] ?? '';
    if (/^\s*(#|$)/.test(first)) continue;
    const line = at + 1;
    let whole = '';
    for (let next = first; ; ) {
      const continued = next.trimEnd().endsWith(escapeMark);
      whole += continued ? next.trimEnd().slice(0, -1) : next;
      if (!continued) break;
      do at++;
      while (at < lines.length && /^\s*(#|$)/.test(lines[at] ?? ''));
      if (at >= lines.length) break;
      next = lines[at] ?? '';
    }
    const parsed = parseInstruction(whole.trim(), line);
    if (parsed instanceof Refusal) return parsed;
    instructions.push(parsed);
  }
  return instructions;
}

/** One instruction, also as `docker commit --change` and ONBUILD have it. */
export function parseInstruction(text: string, line: number): Instruction | Refusal {
  const [word = ''] = text.split(/\s/, 1);
  const name = word.toUpperCase();
  let rest = text.slice(word.length).trim();
  if (!NAMES.includes(name)) {
    const meant = closest(name, NAMES);
    return parseError(line, `unknown instruction: ${word}${meant ? ` (did you mean ${meant}?)` : ''}`);
  }
  const flags = new Map<string, string>();
  for (let match = readFlag(name, rest); match; match = readFlag(name, rest)) {
    const [flag, key = '', value] = match;
    if (!FLAGS[name]?.includes(key)) return parseError(line, `unknown flag: --${key}`);
    flags.set(key, value ?? 'true');
    rest = rest.slice(flag.length).trimStart();
  }
  const instruction = { name, original: `${name} ${text.slice(word.length).trim()}`.trim(), rest, flags, json: jsonWords(rest), line };
  return checkShape(instruction) ?? instruction;
}

function readFlag(name: string, rest: string): RegExpExecArray | null {
  // Only some instructions have flags; elsewhere `--x` is an argument.
  return FLAGS[name] ? /^--([a-z][\w-]*)(?:=(\S*))?(?=\s|$)/.exec(rest) : null;
}

function jsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}

/** Words divided by blanks, or those of the JSON form. */
export function wordsOf({ json, rest }: Instruction): readonly string[] {
  return json ?? (rest === '' ? [] : rest.split(/\s+/));
}

/** How many arguments there must be. */
function checkShape(instruction: Instruction): Refusal | undefined {
  const { name, rest, line, json } = instruction;
  const words = wordsOf(instruction);
  const fail = (message: string): Refusal => parseError(line, message);
  switch (name) {
    case 'FROM':
      return words.length === 1 || (words.length === 3 && words[1]?.toLowerCase() === 'as')
        ? undefined
        : fail('FROM requires either one or three arguments');
    case 'ADD':
    case 'COPY':
      if (words.length >= 2) return undefined;
      return fail(
        words.length === 1
          ? `${name} requires at least two arguments, but only one was provided. Destination could not be determined`
          : `${name} requires at least two arguments, but none were provided. Source and destination could not be determined`,
      );
    case 'ENV':
    case 'LABEL':
      if (rest === '') return fail(`${name} requires at least one argument`);
      return /^[^\s=]+$/.test(rest) ? invalid(`failed to parse Dockerfile: ${name} must have two arguments`) : undefined;
    case 'ARG':
    case 'ENTRYPOINT':
    case 'EXPOSE':
    case 'VOLUME':
    case 'ONBUILD':
    case 'SHELL':
      if (rest === '') return fail(`${name} requires at least one argument`);
      if (name === 'SHELL' && !json) return fail('SHELL requires the arguments to be in JSON form');
      return name === 'ONBUILD' ? checkTrigger(rest, line) : undefined;
    case 'HEALTHCHECK':
      return checkHealthcheck(rest, line);
    case 'MAINTAINER':
    case 'STOPSIGNAL':
    case 'USER':
    case 'WORKDIR':
      return rest === '' || (name === 'STOPSIGNAL' && words.length > 1) ? fail(`${name} requires exactly one argument`) : undefined;
    default:
      return undefined;
  }
}

function checkTrigger(rest: string, line: number): Refusal | undefined {
  const trigger = rest.split(/\s/, 1)[0]?.toUpperCase();
  if (trigger === 'ONBUILD') return parseError(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === 'FROM' || trigger === 'MAINTAINER') return parseError(line, `${trigger} isn't allowed as an ONBUILD trigger`);
  return undefined;
}

function checkHealthcheck(rest: string, line: number): Refusal | undefined {
  if (rest === '') return parseError(line, 'HEALTHCHECK requires at least one argument');
  const [type = '', ...command] = rest.split(/\s+/);
  if (type.toUpperCase() === 'NONE') return command.length > 0 ? parseError(line, 'HEALTHCHECK NONE takes no arguments') : undefined;
  if (type.toUpperCase() !== 'CMD') return parseError(line, `Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`);
  return command.length === 0 ? parseError(line, 'Missing command after HEALTHCHECK CMD') : undefined;
}
