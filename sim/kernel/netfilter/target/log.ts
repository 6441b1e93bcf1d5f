import { describePacket, LOG_FLAG } from '../packet-log.ts';
import { problem, quote, unsigned, TOO_SHORT } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Log {
  prefix: string;
  level: number;
  flags: number;
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const LEVEL_ALIASES: Record<string, number> = { panic: 0, error: 3, warning: 4 };

/** A prefix is cut at this length. */
const MAX_PREFIX = 29;

const FLAGS = [
  ['log-tcp-sequence', LOG_FLAG.tcpSequence, 'tcp-sequence'],
  ['log-tcp-options', LOG_FLAG.tcpOptions, 'tcp-options'],
  ['log-ip-options', LOG_FLAG.ipOptions, 'ip-options'],
  ['log-uid', LOG_FLAG.uid, 'uid'],
  ['log-macdecode', LOG_FLAG.macDecode, 'macdecode'],
] as const;

/** LOG: a line in the kernel's log; only in the machine's own namespace unless net.netfilter.nf_log_all_netns is set (xt_LOG.c). */
export const log: TargetExtension<Log> = {
  name: 'LOG',
  options: [{ name: 'log-level' }, { name: 'log-prefix' }, ...FLAGS.map(([name]) => ({ name, arguments: 0 as const }))],
  parse(given) {
    const level = levelOf(given.value('log-level') ?? '4');
    if (level === undefined) return problem(`log level "${given.value('log-level')}" unknown\n`);
    if (given.value('log-prefix') === '') return TOO_SHORT;
    const prefix = given.value('log-prefix') ?? '';
    if (prefix.includes('\n')) return problem('LOG: Newlines not allowed in --log-prefix');
    let flags = 0;
    for (const [name, flag] of FLAGS) if (given.has(name)) flags |= flag;
    return { prefix: prefix.slice(0, MAX_PREFIX), level, flags };
  },
  save({ prefix, level, flags }) {
    let text = prefix === '' ? '' : ` --log-prefix ${quote(prefix)}`;
    if (level !== 4) text += ` --log-level ${level}`;
    for (const [name, flag] of FLAGS) if (flags & flag) text += ` --${name}`;
    return text;
  },
  list({ prefix, level, flags }, { numeric }) {
    let text = numeric ? ` LOG flags ${flags} level ${level}` : ` LOG level ${LEVELS[level]}`;
    if (!numeric) for (const [, flag, word] of FLAGS) if (flags & flag) text += ` ${word}`;
    return prefix === '' ? text : `${text} prefix "${prefix}"`;
  },
  evaluate({ prefix, level, flags }, skb, state) {
    const { net } = state;
    if (net === net.kernel.init || net.netfilter.conntrack.settings.nf_log_all_netns !== 0)
      net.kernel.log.write(level, `${prefix}${describePacket(skb, state, flags)}`);
    return 'continue';
  },
};

function levelOf(text: string): number | undefined {
  const number = unsigned(text, 7);
  if (number !== undefined) return number;
  const at = LEVELS.indexOf(text.toLowerCase());
  return at >= 0 ? at : LEVEL_ALIASES[text.toLowerCase()];
}
