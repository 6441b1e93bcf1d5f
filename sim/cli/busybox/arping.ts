import { formatMac, type IPv4, parseIPv4 } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { openPacketSocket } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { ArpSession, LOOPBACK, type Manner, NOARP, sourceAddress, UP } from '../iputils/arping.ts';
import { resolveName } from '../name-resolution.ts';
import { appletProgram, Die, inRange, letters, options, ShowUsage, type Speech } from './failure.ts';

/** busybox's arping (networking/arping.c), a descendant of that of iputils. */
export const arping = appletProgram('arping', runArping);

/** What fails once the options have been read fails with this. */
const TROUBLE = 2;

function* runArping(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given, operands } = options(letters('DUAqfbc:w:I:s:'), args);
  const value = (name: string) => given.findLast((option) => option.name === name)?.value;
  const has = (name: string) => given.some((option) => option.name === name);
  const [target = ''] = operands;
  if (operands.length !== 1) throw new ShowUsage();
  const count = has('c') ? inRange(value('c') ?? '', 0, 0x7fff_ffff) : undefined;
  const timeout = has('w') ? inRange(value('w') ?? '', 0, 1073) : undefined;
  if (!process.capable('NET_RAW')) throw new Die(`socket: ${strerror('EPERM')}`, TROUBLE);
  const device = value('I') ?? 'eth0';
  const link = rtNetlinkOf(process).link(device);
  if (!link) throw new Die(`interface ${device} not found: ${strerror('ENODEV')}`, TROUBLE);
  if ((link.flags & UP) === 0) throw new Die(`interface ${device} is down`, TROUBLE);
  if ((link.flags & (NOARP | LOOPBACK)) !== 0) throw new Die(`interface ${device} is not ARPable`, TROUBLE);
  const address = yield* addressOf(process, target);
  const wanted = has('s') ? yield* addressOf(process, value('s') as string) : undefined;
  const [answer, duplicates] = [has('A'), has('D')];
  const unsolicited = has('U') || answer;
  const source = duplicates ? (wanted ?? 0) : sourceAddress(process, link, wanted ?? (unsolicited ? address : undefined), address);
  if (typeof source === 'string') throw new Die(source.replace(/^arping: /, '').trimEnd(), TROUBLE);
  const socket = openPacketSocket(process);
  if (typeof socket === 'string') throw new Die(`socket: ${strerror(socket)}`, TROUBLE);
  const settings = {
    ...{ answer, duplicates, unsolicited, count, device, source, target },
    ...{ broadcastOnly: has('b'), firstOnly: has('f') || duplicates, quiet: has('q'), interval: 1 },
    timeout,
  };
  yield* speech.flush();
  return yield* new ArpSession(process, settings, address, { link, source, socket }, manner(count !== undefined)).run();
}

function* addressOf(process: Process, name: string): Blocking<IPv4> {
  const literal = parseIPv4(name);
  if (literal !== undefined) return literal;
  const found = yield* resolveName(process, name, 4);
  const address = typeof found === 'string' ? undefined : found.addresses.find((each) => typeof each === 'number');
  if (address === undefined) throw new Die(`bad address '${name}'`, TROUBLE);
  return address;
}

/** @param counted `-c` shares its bit with "somebody has answered": no probe counts as a broadcast then */
const manner = (counted: boolean): Manner => ({
  hardware: formatMac,
  answer: (from, forWhom, time) => `${from}${forWhom === '' ? '' : ` ${forWhom.trimEnd()}`} ${time}`,
  summary: ({ sent, broadcasts, received, requests, receivedBroadcasts }) =>
    `Sent ${sent} probe(s) (${counted ? 0 : broadcasts} broadcast(s))\n` +
    `Received ${received} response(s) (${requests} request(s), ${receivedBroadcasts} broadcast(s))\n`,
  answersEnd: false,
});
