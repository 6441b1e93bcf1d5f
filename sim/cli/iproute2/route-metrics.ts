import { concat } from '../../base/bytes.ts';
import type { RouteInfo } from '../../host/netlink/messages.ts';
import { attribute, readAttributes, readText, readUnsigned, textBytes, unsigned } from './message-bytes.ts';
import type { Report } from './report.ts';
import { parseUnsigned } from './values.ts';
import { abbreviates, invalid, type Words } from './words.ts';

type Metrics = RouteInfo['metrics'];
type NumberMetric = Exclude<keyof Metrics, 'mtuLock' | 'locked' | 'congestion'>;

interface Metric {
  /** The word, and what it is called in messages and in JSON. */
  word: string;
  key: NumberMetric;
  label?: string;
  /** It may not be abbreviated. */
  exact?: boolean;
  /** A time, which travels in parts of a millisecond. */
  parts?: number;
  max?: number;
  /** Nobody may change it, whether it says so or not. */
  alwaysLocked?: boolean;
  /** It can't be locked. */
  unlocked?: boolean;
}

/** The metrics in the order of RTAX_* (include/uapi/linux/rtnetlink.h), in which they are printed. */
const METRICS: readonly Metric[] = [
  { word: 'mtu', key: 'mtu', exact: true },
  { word: 'window', key: 'window' },
  { word: 'rtt', key: 'rtt', exact: true, parts: 8 },
  { word: 'rttvar', key: 'rttvar', parts: 4 },
  { word: 'ssthresh', key: 'ssthresh' },
  { word: 'cwnd', key: 'cwnd' },
  { word: 'advmss', key: 'advmss', label: 'mss', exact: true },
  { word: 'reordering', key: 'reordering' },
  { word: 'hoplimit', key: 'hoplimit', exact: true, max: 255 },
  { word: 'initcwnd', key: 'initcwnd' },
  { word: 'features', key: 'features' },
  { word: 'rto_min', key: 'rtoMin', exact: true, parts: 1, alwaysLocked: true },
  { word: 'initrwnd', key: 'initrwnd' },
  { word: 'quickack', key: 'quickack', unlocked: true },
  { word: 'fastopen_no_cookie', key: 'fastopenNoCookie', unlocked: true },
];

/** The order in which words that may be abbreviated are tried (ip/iproute.c `iproute_modify`). */
const TRIED = ['reordering', 'window', 'cwnd', 'initcwnd', 'initrwnd', 'features', 'quickack', 'congctl', 'rttvar', 'ssthresh'];

/** Takes one metric with its value; false if the word is none. */
export function parseMetric(words: Words, word: string, metrics: Metrics): boolean {
  const exact = METRICS.find((metric) => metric.word === word)?.word;
  // `r` and `f` may be the beginning of other arguments, which are tried later.
  const name = exact ?? (word.length > 2 ? TRIED.find((candidate) => abbreviates(word, candidate)) : undefined);
  if (name === undefined && word !== 'congctl') return false;
  if (name === 'congctl' || name === undefined) {
    if (words.takeExact('lock')) lock(metrics, 'congctl');
    metrics.congestion = words.value();
    return true;
  }
  const metric = METRICS.find((candidate) => candidate.word === name) as Metric;
  if (metric.key === 'features') metrics.features = parseFeatures(words);
  else parseNumber(words, metric, metrics);
  return true;
}

function parseNumber(words: Words, metric: Metric, metrics: Metrics): void {
  const { word, key, label = word, parts, max, alwaysLocked, unlocked } = metric;
  if (alwaysLocked || (!unlocked && words.takeExact('lock'))) {
    if (key === 'mtu') metrics.mtuLock = true;
    else lock(metrics, word);
  }
  const text = words.value();
  const value = parts === undefined ? parseUnsigned(text, max) : milliseconds(text, parts);
  if (value === undefined) throw invalid(`"${label}" value is invalid\n`, text);
  if (unlocked && value > 1) throw invalid(`"${label}" value should be 0 or 1\n`, text);
  metrics[key] = value;
}

function lock(metrics: Metrics, word: string): void {
  metrics.locked = [...(metrics.locked ?? []), word];
}

/** A time with `s` or `ms`; without a unit, the kernel's own parts of a millisecond. */
function milliseconds(text: string, parts: number): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(s|ms|secs?|msecs?|)$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  if (match[2] === '') return Number.isInteger(value) ? Math.floor(value / parts) : undefined;
  return Math.ceil(match[2]?.startsWith('m') ? value : value * 1000);
}

const FEATURES: readonly (readonly [name: string, bit: number])[] = [
  ['ecn', 1],
  ['tcp_usec_ts', 16],
];

/** One or more features; the first word that is none ends them. */
function parseFeatures(words: Words): number {
  let features = 0;
  const first = words.here;
  for (;;) {
    const bit = FEATURES.find(([name]) => name === words.here)?.[1];
    if (bit === undefined) break;
    features |= bit;
    words.take();
  }
  if (features === 0) throw invalid('"features" value not valid\n', first);
  return features;
}

/** RTAX_LOCK, RTAX_CC_ALGO. */
const LOCKS = 1;
const CONGESTION = 16;

/** RTA_METRICS: each metric under its place in the list above, and what is locked as bits of the same numbers. */
export function metricsBytes(metrics: Metrics): Uint8Array {
  const numbered = METRICS.map((metric, i) => ({ metric, number: i + 2 }));
  const locks = numbered.reduce((bits, { metric, number }) => bits | (isLocked(metrics, metric.word) ? 1 << number : 0), 0);
  const values = numbered.flatMap(({ metric: { key, parts = 1 }, number }) => {
    const value = metrics[key];
    return value === undefined ? [] : [attribute(number, unsigned(value * parts, 4))];
  });
  const congestion = metrics.congestion === undefined ? [] : [attribute(CONGESTION, textBytes(metrics.congestion))];
  return concat([...(locks === 0 ? [] : [attribute(LOCKS, unsigned(locks, 4))]), ...values, ...congestion]);
}

export function readMetrics(bytes: Uint8Array): Metrics {
  const metrics: Metrics = {};
  const found = readAttributes(bytes);
  const locks = readUnsigned(found.get(LOCKS) ?? new Uint8Array());
  for (const [i, { key, word, parts = 1 }] of METRICS.entries()) {
    const value = found.get(i + 2);
    if (value) metrics[key] = Math.floor(readUnsigned(value) / parts);
    if ((locks & (1 << (i + 2))) === 0) continue;
    if (key === 'mtu') metrics.mtuLock = true;
    else lock(metrics, word);
  }
  const congestion = found.get(CONGESTION);
  if (congestion) metrics.congestion = readText(congestion);
  return metrics;
}

/** `mtu 1400 advmss 1000` (ip/iproute.c `print_rta_metrics`). */
export function printMetrics(report: Report, metrics: Metrics): void {
  const present = METRICS.filter(({ key }) => metrics[key] !== undefined);
  if (present.length === 0 && metrics.congestion === undefined) return;
  report.list('metrics', () =>
    report.object('', () => {
      for (const metric of present) if (metric.key !== 'fastopenNoCookie') printMetric(report, metric, metrics);
      if (metrics.congestion !== undefined) {
        report.text(`congctl ${isLocked(metrics, 'congctl') ? 'lock ' : ''}`);
        report.field('congestion', metrics.congestion, `${metrics.congestion} `);
      }
      for (const metric of present) if (metric.key === 'fastopenNoCookie') printMetric(report, metric, metrics);
    }),
  );
}

function isLocked(metrics: Metrics, word: string): boolean {
  return word === 'mtu' ? metrics.mtuLock === true : (metrics.locked ?? []).includes(word);
}

function printMetric(report: Report, { word, key, parts }: Metric, metrics: Metrics): void {
  const value = metrics[key] as number;
  report.text(`${word} ${isLocked(metrics, word) ? 'lock ' : ''}`);
  if (key === 'features') {
    for (const [name, bit] of FEATURES) if ((value & bit) !== 0) report.field(name, null, `${name} `);
  } else if (parts !== undefined) report.field(word, value, value >= 1000 ? `${value / 1000}s ` : `${value}ms `);
  else report.field(word, value, `${value} `);
}
