import { formatIPv4, type IPv4 } from '../../base/address.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { OptionSpec } from '../getopt.ts';
import { parseInetAton, nameOfAddress } from '../name-resolution.ts';
import { appletProgram, Die, inRange, options, ShowUsage, type Speech } from './failure.ts';

/** busybox's ipcalc (networking/ipcalc.c): what follows from an address and its mask. */
export const ipcalc = appletProgram('ipcalc', runIpcalc);

const OPTIONS: readonly OptionSpec[] = ['netmask', 'broadcast', 'network', 'prefix', 'hostname', 'silent'].map((name) => ({
  name,
  long: name,
  short: name === 'netmask' ? 'm' : name === 'network' ? 'n' : (name[0] as string),
}));

function* runIpcalc(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given, operands } = options(OPTIONS, args);
  const asked = new Set(given.map((option) => option.name));
  const about = ['broadcast', 'network', 'prefix'].some((name) => asked.has(name));
  const silent = asked.delete('silent');
  if (asked.size === 0 || operands.length === 0 || operands.length > (about ? 2 : 1)) throw new ShowUsage();
  try {
    return yield* calculate(process, asked, operands, speech);
  } catch (end) {
    if (silent && end instanceof Die) return end.status;
    throw end;
  }
}

function* calculate(process: Process, asked: ReadonlySet<string>, operands: readonly string[], speech: Speech): Blocking<number> {
  const [place = '', maskText] = operands;
  const [addressText = '', lengthText] = place.split(/\/(.*)/s, 2);
  const length = lengthText ? inRange(lengthText, 0, 32) : undefined;
  const address = parseInetAton(addressText);
  if (address === undefined) throw new Die(`bad IP address: ${addressText}`);
  if (maskText !== undefined && length !== undefined) throw new Die('use prefix or netmask, not both');
  const given = maskText === undefined ? undefined : parseInetAton(maskText);
  if (maskText !== undefined && given === undefined) throw new Die(`bad netmask: ${maskText}`);
  const mask = given ?? (length === undefined ? classMask(address) : length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0);
  const show = (name: string, value: string | number) => {
    if (asked.has(name)) speech.print(`${name.toUpperCase()}=${value}\n`);
  };
  show('netmask', formatIPv4(mask));
  show('broadcast', formatIPv4((address | ~mask) >>> 0));
  show('network', formatIPv4((address & mask) >>> 0));
  show('prefix', mask.toString(2).replaceAll('0', '').length);
  if (!asked.has('hostname')) return 0;
  const name = yield* nameOfAddress(process, address);
  if (name === undefined || name === formatIPv4(address)) throw new Die(`can't find hostname for ${addressText}: Unknown host`);
  show('hostname', name.toLowerCase());
  return 0;
}

/** The mask of an address's class: A, B, and C for whatever is above. */
function classMask(address: IPv4): IPv4 {
  const first = address >>> 24;
  return first < 128 ? 0xff00_0000 : first < 192 ? 0xffff_0000 : 0xffff_ff00;
}
