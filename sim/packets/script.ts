import { type Layer, parsePacket } from './packet.ts';

/** Microseconds. */
type Micros = number;

/** A line of a script. */
export type Step = { line: number } & (
  | { kind: 'command'; command: string; output: string[] | undefined }
  | { kind: 'inject'; device: string; packet: Layer[]; after: Micros | undefined }
  | { kind: 'expect'; device: string | undefined; packet: Layer[]; after: Micros | undefined }
  | { kind: 'nothing'; during: Micros }
  | { kind: 'wait'; during: Micros }
  | { kind: 'show'; during: Micros }
  | { kind: 'ignore'; packet: Layer[] }
);

/**
 * A packet script: a machine under test with cables, and what happens at their other ends. Its lines:
 *
 *     # real: no, REASON       runs in the simulation only; other lines with # are remarks
 *     # cables: eth0 eth1      eth0 alone unless said
 *     $ COMMAND                typed at the machine; `| ` lines below it are what it must print
 *     [+TIME] [DEV] > PACKET   comes in, TIME after the line before
 *     [+TIME] [DEV] < PACKET   must go out next, soon, or TIME after the line before
 *     nothing TIME             nothing may go out
 *     wait TIME
 *     show TIME                says what goes out, and when: for those who write scripts
 *     ignore PACKET            such packets don't count from here on
 *
 * TIME is `20ms` or `1.5s`. PACKET is layers with fields; `field=$name` remembers what is there, later uses compare or send it,
 * `$name+1` counts from it; a field that isn't given may be anything where it is expected, and is as usual where it is sent.
 */
export interface Script {
  cables: string[];
  /** Why a real kernel can't run it; `undefined` when it can. */
  simulatedOnly: string | undefined;
  steps: Step[];
}

/** @throws Error naming the line that makes no sense */
export function parseScript(text: string): Script {
  const script: Script = { cables: ['eth0'], simulatedOnly: undefined, steps: [] };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    try {
      readLine(script, line, index + 1);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return script;
}

function readLine(script: Script, text: string, line: number): void {
  const last = script.steps.at(-1);
  if (text === '') return;
  if (text.startsWith('#')) {
    const [, name, value = ''] = /^# (real|cables): (.*)$/.exec(text) ?? [];
    if (name === 'cables') script.cables = value.split(' ');
    if (name === 'real' && value.startsWith('no')) script.simulatedOnly = value.replace(/^no,? */, '');
  } else if (text.startsWith('$ ')) script.steps.push({ line, kind: 'command', command: text.slice(2), output: undefined });
  else if (text.startsWith('|')) {
    if (last?.kind !== 'command') throw new Error('output without a command');
    last.output = [...(last.output ?? []), text.slice(2)];
  } else script.steps.push({ line, ...step(text, script.cables[0] as string) } as Step);
}

function step(text: string, device: string): Omit<Extract<Step, { kind: 'wait' }>, 'line'> | Record<string, unknown> {
  const [, word, rest = ''] = /^(nothing|wait|show|ignore) (.*)$/.exec(text) ?? [];
  if (word === 'ignore') return { kind: 'ignore', packet: parsePacket(rest) };
  if (word === 'nothing' || word === 'wait' || word === 'show') return { kind: word, during: parseTime(rest) };
  const [, after, at, direction, packet = ''] = /^(?:\+(\S+) )?(?:(\w+) )?([<>]) (.*)$/.exec(text) ?? [];
  if (direction === undefined) throw new Error(`'${text}' makes no sense`);
  const delay = after === undefined ? undefined : parseTime(after);
  if (direction === '>') return { kind: 'inject', device: at ?? device, packet: parsePacket(packet), after: delay };
  return { kind: 'expect', device: at, packet: parsePacket(packet), after: delay };
}

function parseTime(text: string): Micros {
  const [, value, unit] = /^([\d.]+)(ms|s)$/.exec(text) ?? [];
  if (value === undefined) throw new Error(`'${text}' is no time`);
  return Math.round(Number(value) * (unit === 's' ? 1e6 : 1e3));
}
