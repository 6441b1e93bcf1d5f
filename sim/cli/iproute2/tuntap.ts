import { strerror } from '../../base/errno.ts';
import { TunFile } from '../../host/filesystems/tun.ts';
import type { LinkInfo } from '../../host/netlink/messages.ts';
import type { TunMode } from '../../kernel/dev/tun.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { TUNTAP_USAGE } from './usage/tunnel.ts';
import { isDeviceName, parseUnsigned } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(TUNTAP_USAGE, EXIT_MINUS_ONE);

/** `ip tuntap` (ip/iptuntap.c). */
export const tuntapCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, true) },
  { names: ['delete'], run: (tool, words) => modify(tool, words, false) },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

interface Wanted {
  name: string;
  mode: TunMode | undefined;
  packetInformation: boolean;
  user: number | undefined;
  group: number | undefined;
}

function parse(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = { name: '', mode: undefined, packetInformation: false, user: undefined, group: undefined };
  while (!words.empty) {
    const word = words.take();
    if (abbreviates(word, 'mode')) {
      const text = words.value();
      if (text !== 'tun' && text !== 'tap') throw new Quit(`Unknown tunnel mode "${text}"\n`, EXIT_MINUS_ONE);
      wanted.mode = text;
    } else if (word === 'user' || word === 'group') wanted[word] = owner(word, words.value());
    else if (word === 'pi') wanted.packetInformation = true;
    else if (['one_queue', 'vnet_hdr', 'multi_queue'].includes(word)) throw tool.unmodelled(`ip tuntap's argument ${word}`);
    else if (word === 'dev' || word === 'name') setName(wanted, words.value(), word);
    else if (abbreviates(word, 'help')) throw usage();
    else setName(wanted, word, 'name');
  }
  return wanted;
}

function setName(wanted: Wanted, name: string, keyword: string): void {
  if (wanted.name !== '') throw garbage('name', name);
  if (!isDeviceName(name)) throw invalid(`"${keyword}" not a valid ifname`, name);
  wanted.name = name;
}

/** A number, or root. */
function owner(keyword: string, text: string): number {
  const number = text === 'root' ? 0 : parseUnsigned(text);
  if (number === undefined) throw new Quit(`invalid ${keyword} "${text}"\n`, EXIT_MINUS_ONE);
  return number;
}

/** Opens /dev/net/tun, takes the device, and makes it persistent or not (tap_add_ioctl, tap_del_ioctl). */
function modify(tool: Tool, words: Words, adding: boolean): number {
  const { name, mode, packetInformation, user, group } = parse(tool, words);
  if (mode === undefined) throw new Quit('You failed to specify a tunnel mode\n', 1);
  if (!tool.process.capable('NET_ADMIN')) throw new Quit(`open: ${strerror('EPERM')}\n`, 1);
  const file = new TunFile(tool.net).hold();
  // TUN_EXCL: the device must be new.
  const exists = adding && name !== '' && tool.netlink.link(name) !== undefined;
  const device = exists ? 'EBUSY' : file.setInterface({ name, mode, packetInformation });
  if (typeof device !== 'string') {
    if (adding) {
      device.owner = user;
      device.ownerGroup = group;
    }
    device.persistent = adding;
  }
  file.release();
  if (typeof device !== 'string') return 0;
  tool.warn(`ioctl(TUNSETIFF): ${strerror(device)}\n`);
  return 1;
}

/** All of them: a name is read and not looked at. */
function show(tool: Tool, words: Words): number {
  parse(tool, words);
  const report = tool.report();
  for (const link of tool.netlink.links()) if (link.kind === 'tun') report.object('', () => print(report, link));
  report.end();
  return 0;
}

function print(report: Report, { name, data }: LinkInfo): void {
  report.field('ifname', name, `${name}:`);
  const flags = [String(data.type), ...(data.pi === true ? ['pi'] : []), ...(data.persist === true ? ['persist'] : [])];
  // The kernel's flags lack IFF_NOFILTER where packet information is on.
  if (data.pi === true) flags.push('filter');
  report.field('flags', flags, flags.map((flag) => ` ${flag}`).join(''));
  for (const key of ['user', 'group']) if (data[key] !== undefined) report.field(key, Number(data[key]), ` ${key} ${data[key]}`);
  report.text('\n');
}
