import { strerror } from '../../base/errno.ts';
import type { LinkAttribute, NetlinkError } from '../../host/netlink/messages.ts';
import type { BrctlCommand } from './brctl.ts';
import type { Bridges } from './bridges.ts';

/** Names longer than the kernel's are cut off, as the ioctl's fixed-size field does. */
const MAX_NAME = 15;

function addBridge(bridges: Bridges, [name = '']: readonly string[]): number {
  const cut = name.slice(0, MAX_NAME);
  if (bridges.netlink.link(cut)) return bridges.fail(`device ${name} already exists; can't create bridge with the same name`);
  const refused = bridges.netlink.newLink({ name: cut, kind: 'bridge' });
  return refused ? bridges.failWith('add bridge', refused.errno) : 0;
}

function deleteBridge(bridges: Bridges, [name = '']: readonly string[]): number {
  const bridge = bridges.bridge(name);
  if (!bridge) {
    // The ioctl refuses devices of other kinds.
    const other = bridges.netlink.link(name) !== undefined;
    return bridges.fail(other ? `can't delete bridge ${name}: ${strerror('EPERM')}` : `bridge ${name} doesn't exist; can't delete it`);
  }
  if ((bridge.flags & 1) !== 0) return bridges.fail(`bridge ${name} is still up; can't delete it`);
  const refused = bridges.netlink.delLink(bridge.ifindex);
  return refused ? bridges.fail(`can't delete bridge ${name}: ${refused.errno}`) : 0;
}

function addPorts(bridges: Bridges, [name = '', ...ports]: readonly string[]): number {
  for (const port of ports) {
    const link = bridges.netlink.link(port);
    if (!link) return bridges.fail(`interface ${port} does not exist!`);
    const bridge = bridges.bridge(name);
    if (!bridge) return bridges.fail(`bridge ${name} does not exist!`);
    if (link.master) return bridges.fail(`device ${port} is already a member of a bridge; can't add it to bridge ${name}.`);
    const refused = bridges.netlink.setLink(link.ifindex, { master: bridge.ifindex });
    if (refused) return bridges.fail(addRefused(port, name, refused));
  }
  return 0;
}

function addRefused(port: string, bridge: string, { errno }: NetlinkError): string {
  if (errno === 'ELOOP') return `device ${port} is a bridge device itself; can't add a bridge device to a bridge device.`;
  return `can't add ${port} to bridge ${bridge}: ${errno === 'EINVAL' ? 'Invalid argument' : 'Operation not supported'}`;
}

function removePorts(bridges: Bridges, [name = '', ...ports]: readonly string[]): number {
  for (const port of ports) {
    const link = bridges.netlink.link(port);
    if (!link) return bridges.fail(`interface ${port} does not exist!`);
    const bridge = bridges.bridge(name);
    if (!bridge) return bridges.fail(`bridge ${name} does not exist!`);
    if (link.master !== bridge.ifindex) return bridges.fail(`device ${port} is not a port of ${name}`);
    const refused = bridges.netlink.setLink(link.ifindex, { master: 0 });
    if (refused) return bridges.failWith(`can't delete ${port} from ${name}`, refused.errno);
  }
  return 0;
}

/** Sets one attribute of a bridge; `what` is the operation's name in messages. */
function setBridge(bridges: Bridges, name: string, what: string, attribute: string, value: LinkAttribute): number {
  const bridge = bridges.bridge(name);
  if (!bridge) return bridges.failWith(what, 'ENODEV');
  const refused = bridges.netlink.setLink(bridge.ifindex, { data: { [attribute]: value } });
  return refused ? bridges.failWith(what, refused.errno) : 0;
}

/** A time in seconds, given to the kernel in hundredths. */
function setTime(what: string, attribute: string, wrong: string) {
  return (bridges: Bridges, [name = '', text = '']: readonly string[]): number => {
    const seconds = /^[0-9]*\.?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(seconds)) return bridges.fail(wrong);
    return setBridge(bridges, name, what, attribute, Math.round(seconds * 100));
  };
}

/** A number for a bridge. */
function setPriority(bridges: Bridges, [name = '', text = '']: readonly string[]): number {
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return bridges.fail('bad priority');
  // The kernel keeps sixteen bits.
  return setBridge(bridges, name, 'set bridge priority', 'priority', Number(text) & 0xffff);
}

function setPort(what: string, attribute: string, wrong: string) {
  return (bridges: Bridges, [name = '', port = '', text = '']: readonly string[]): number => {
    if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return bridges.fail(wrong);
    return changePort(bridges, name, port, `${what} failed`, attribute, Number(text));
  };
}

function changePort(bridges: Bridges, name: string, port: string, what: string, attribute: string, value: LinkAttribute): number {
  const bridge = bridges.bridge(name);
  const link = bridges.netlink.link(port);
  // What is no port has no files of a port.
  const isPort = bridge && link?.master === bridge.ifindex;
  const errno = isPort ? bridges.netlink.setLink(link.ifindex, { slaveData: { [attribute]: value } })?.errno : 'ENOENT';
  return errno ? bridges.fail(`${what}: ${strerror(errno)}`) : 0;
}

/** `on`, `yes`, `1` and their opposites. */
function onOff(text: string): boolean | undefined {
  if (['on', 'yes', '1'].includes(text)) return true;
  return ['off', 'no', '0'].includes(text) ? false : undefined;
}

function setHairpin(bridges: Bridges, [name = '', port = '', text = '']: readonly string[]): number {
  const on = onOff(text);
  if (on === undefined) return bridges.fail('expect on/off for argument');
  return changePort(bridges, name, port, `can't set ${port} to hairpin on bridge ${name}`, 'hairpin', on);
}

function setStp(bridges: Bridges, [name = '', text = '']: readonly string[]): number {
  const on = onOff(text);
  if (on === undefined) return bridges.fail('expect on/off for argument');
  return setBridge(bridges, name, 'set stp status', 'stp_state', Number(on));
}

/** The commands that change something, in the order of the usage; `show` and its kin stand before the last. */
export const changers: readonly BrctlCommand[] = [
  { name: 'addbr', arguments: 1, synopsis: '<bridge>\t\tadd bridge', run: addBridge },
  { name: 'delbr', arguments: 1, synopsis: '<bridge>\t\tdelete bridge', run: deleteBridge },
  { name: 'addif', arguments: 2, synopsis: '<bridge> <device>\tadd interface to bridge', run: addPorts },
  { name: 'delif', arguments: 2, synopsis: '<bridge> <device>\tdelete interface from bridge', run: removePorts },
  { name: 'hairpin', arguments: 3, synopsis: '<bridge> <port> {on|off}\tturn hairpin on/off', run: setHairpin },
  {
    name: 'setageing',
    arguments: 2,
    synopsis: '<bridge> <time>\t\tset ageing time',
    run: setTime('set ageing time', 'ageing_time', 'bad ageing time value'),
  },
  { name: 'setbridgeprio', arguments: 2, synopsis: '<bridge> <prio>\t\tset bridge priority', run: setPriority },
  {
    name: 'setfd',
    arguments: 2,
    synopsis: '<bridge> <time>\t\tset bridge forward delay',
    run: setTime('set forward delay', 'forward_delay', 'bad forward delay value'),
  },
  {
    name: 'sethello',
    arguments: 2,
    synopsis: '<bridge> <time>\t\tset hello time',
    run: setTime('set hello timer', 'hello_time', 'bad hello timer value'),
  },
  {
    name: 'setmaxage',
    arguments: 2,
    synopsis: '<bridge> <time>\t\tset max message age',
    run: setTime('set max age', 'max_age', 'bad max age value'),
  },
  {
    name: 'setpathcost',
    arguments: 3,
    synopsis: '<bridge> <port> <cost>\tset path cost',
    run: setPort('set path cost', 'cost', 'bad path cost value'),
  },
  {
    name: 'setportprio',
    arguments: 3,
    synopsis: '<bridge> <port> <prio>\tset port priority',
    run: setPort('set port priority', 'priority', 'bad path priority value'),
  },
  { name: 'stp', arguments: 2, synopsis: '<bridge> {on|off}\tturn stp on/off', run: setStp },
];
