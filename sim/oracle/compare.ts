/**
 * Compares transcripts command by command, after replacing what differs from run to run: times, MAC addresses, ids, ephemeral
 * ports. The same value gets the same name throughout a transcript, so that two addresses that should be equal must be.
 *
 *     node sim/oracle/compare.ts REAL SIMULATED [--verbose]    exit status 0 when every command prints the same
 *     node sim/oracle/compare.ts --normalise FILE              the normalised transcript
 */
import { readFileSync } from 'node:fs';
import { isBadLine, parseTranscript, type Step } from './transcript.ts';

/** One command's outputs, normalised. */
export interface Comparison {
  host: string;
  command: string;
  real: string;
  simulated: string;
  same: boolean;
}

/** Compares what two transcripts printed; the first one's commands count. */
export function compare(realText: string, simulatedText: string): Comparison[] {
  const real = normalise(steps(realText));
  const simulated = normalise(steps(simulatedText));
  return real.map((step, index) => {
    const other = simulated[index];
    const expected = step.output.join('\n');
    const found = other?.command === step.command ? other.output.join('\n') : '(command missing)';
    return { host: step.host, command: step.command, real: expected, simulated: found, same: expected === found };
  });
}

function steps(text: string): Step[] {
  const transcript = parseTranscript(text);
  if (isBadLine(transcript)) throw new Error(`line ${transcript.number} is neither a comment nor a command: ${transcript.text}`);
  return transcript.steps;
}

/** Replaces what may differ in every line of output, and leaves out empty lines except a last one. */
export function normalise(all: readonly Step[]): Step[] {
  const line = normaliser();
  return all.map((step) => ({
    ...step,
    output: step.output.map(line).filter((text, index, lines) => text !== '' || index < lines.length - 1),
  }));
}

/** Gives each different match a name in order of first appearance: MAC1, MAC2, … */
function namer(prefix: string): (key: string) => string {
  const names = new Map<string, string>();
  return (key) => {
    const name = names.get(key) ?? `${prefix}${names.size + 1}`;
    names.set(key, name);
    return name;
  };
}

const RANDOM_MAC = /\b(?!00:00:00:00:00:00|ff:ff:ff:ff:ff:ff|52:54:00|01:00:5e|33:33:00|ee:ee:ee)(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g;

/** The rules, in the order in which they apply to a line; one set of names per transcript. */
function normaliser(): (line: string) => string {
  const [mac, linkLocal, veth] = [namer('MAC'), namer('LL'), namer('veth')];
  const [id, port, traced] = [namer('ID'), namer('EPH'), namer('TRACED')];
  return (text) =>
    text
      .replace(/\s+$/, '')
      // ping's times
      .replace(/time=[\d.]+ ms/g, 'time=T ms')
      .replace(/time \d+ms/g, 'time Tms')
      .replace(/, pipe \d+/, '')
      .replace(/(rtt|round-trip) (\S+) = .*/, '$1 $2 = T')
      // addresses and names that are drawn at random, or follow from such
      .replace(RANDOM_MAC, (match) => mac(match))
      .replace(/\b(fe80|ff02::1:ff)[0-9a-f:]*\b/g, (match) => linkLocal(match))
      .replace(/ tentative\b/g, '')
      .replace(/\bveth[0-9a-f]{7}\b/g, (match) => veth(match))
      .replace(/\b[0-9a-f]{64}\b/g, (match) => id(match.slice(0, 12)))
      .replace(/\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, (match) => id(match))
      // traced packets, who changed rules, connections' ids
      .replace(/((?:PACKET|TRACE): \d+ |trace id )([0-9a-f]{8})\b/g, (_, before, match) => before + traced(match))
      .replace(/\b(by process |PID=|portid=)\d+/g, '$1PID')
      .replace(/\bct id \d+/g, 'ct id N')
      // dig's ids, dates and times
      .replace(/(status: \w+, id:) \d+/, '$1 N')
      .replace(/^;; WHEN: .*/, ';; WHEN: DATE')
      .replace(/^;; Query time: \d+ msec/, ';; Query time: T')
      .replace(/^(Received \d+ bytes from \S+ in) \d+ ms/, '$1 T')
      // dates and ages
      .replace(/^\d\d:\d\d:\d\d\.\d{6}/, 'TS')
      .replace(/on \w{3} \w{3} +\d+ [\d:]+ \d{4}/, 'on DATE')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, 'DATE')
      .replace(
        /(Up )?(Less than a second|About a minute|\d+ (?:second|minute)s?)( ago)?/g,
        (_, up, __, ago) => `${up ?? ''}AGE${ago ?? ''}`,
      )
      // identifications, ephemeral ports, sequence numbers, checksums over them
      .replace(/ id=\d+/g, ' id=N')
      .replace(/\b(ID=|FLOWLBL=|ip id |icmp id |udp checksum |flowlabel |parameter-problem |taddr )[\da-f:]+(?= |$)/g, '$1N')
      .replace(/\bid (0x)?[0-9a-f]+, seq/g, 'id N, seq')
      .replace(/, id \d+, offset/g, ', id N, offset')
      .replace(/\b(3[3-9]|[45]\d|60)\d{3}\b/g, (match) => port(match))
      .replace(/\b(seq|ack) \d{6,}/g, '$1 N')
      .replace(/TS val \d+ ecr \d+/g, 'TS val N ecr N')
      .replace(/cksum 0x[0-9a-f]+/g, 'cksum N')
      .replace(/initval 0x[0-9a-f]{8}/, 'initval N')
      // timers, states that only time tells apart, counters
      .replace(/^((?:icmp|tcp|udp|icmpv6)\s+\d+) \d+/, '$1 T')
      .replace(/\b(REACHABLE|STALE|DELAY|PROBE)\b/g, 'VALID')
      .replace(/expires \d+sec/g, 'expires Tsec')
      .replace(/ageing \d+|used \d+\/\d+/g, 'T')
      .replace(/\[\d+:\d+\]$/, '[N:N]')
      .replace(/\(policy (\w+) \d+ packets, \d+ bytes\)/, '(policy $1 N packets, N bytes)')
      .replace(/(\d+)% packet loss, time.*/, '$1% packet loss, time T');
}

function main(args: readonly string[]): number {
  const [first = '', second = ''] = args.filter((arg) => !arg.startsWith('--'));
  if (args.includes('--normalise')) {
    for (const step of normalise(steps(readFileSync(first, 'utf8')))) {
      console.log([`${step.host}$ ${step.command}`, ...step.output].join('\n'));
    }
    return 0;
  }
  const rows = compare(readFileSync(first, 'utf8'), readFileSync(second, 'utf8'));
  for (const row of rows.filter(({ same }) => !same)) {
    console.log(`✗ ${row.host}$ ${row.command}`);
    if (args.includes('--verbose')) console.log(`${marked('real', row.real)}\n${marked('sim ', row.simulated)}`);
  }
  const same = rows.filter((row) => row.same).length;
  console.log(`${same} of ${rows.length} commands the same`);
  return same === rows.length ? 0 : 1;
}

function marked(which: string, text: string): string {
  return text.replace(/^/gm, `  ${which}: `);
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2));
