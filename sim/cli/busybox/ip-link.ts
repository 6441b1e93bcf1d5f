import { type Blocking, whenLoaded } from '../../host/wait.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import type { LinkChanges, LinkInfo, LinkSpec } from '../../host/netlink/messages.ts';
import { macAddress } from '../iproute2/values.ts';
import { Quit } from '../iproute2/words.ts';
import { Die } from './failure.ts';
import { listOrFlush } from './ip-address.ts';
import { type IpRun, keyword } from './ip-words.ts';

/** `ip link` of busybox. */
export function ipLink(run: IpRun): number | Blocking<number> {
  run.errorStatus = 2;
  if (!run.empty) {
    const word = run.take();
    const command = keyword(['add', 'delete', 'set', 'show', 'lst', 'list'], word);
    if (command === undefined) throw run.invalid(word, 'ip');
    if (command === 'add' || command === 'delete') return addOrDelete(run, command);
    if (command === 'set') return set(run);
  }
  run.family = 'link';
  return listOrFlush(run, false);
}

interface LinkWords {
  link: string | undefined;
  name: string | undefined;
  kind: string | undefined;
  device: string | undefined;
  address: string | undefined;
}

function addOrDelete(run: IpRun, command: 'add' | 'delete'): number | Blocking<number> {
  const words: LinkWords = { link: undefined, name: undefined, kind: undefined, device: undefined, address: undefined };
  while (!run.empty && words.kind === undefined) {
    const word = run.take();
    const key = keyword(['link', 'name', 'type', 'dev', 'address'], word);
    if (key === 'type') words.kind = run.value();
    else if (key === 'link') words.link = run.value();
    else if (key === 'name') words.name = run.value();
    else if (key === 'address') words.address = run.value();
    else words.device = key === 'dev' ? run.value() : word;
  }
  const device = words.device ?? words.name;
  if (command === 'delete') return device === undefined ? 1 : run.outcome(run.netlink.delLink(run.device(device).ifindex));
  return create(run, words, words.name ?? words.device);
}

/** Of what follows the type only a VLAN's and a VRF's options are understood; for others it is passed over. */
function create(run: IpRun, words: LinkWords, name: string | undefined): Blocking<number> {
  const spec: LinkSpec = { kind: words.kind ?? '' };
  if (words.link !== undefined) spec.link = run.device(words.link).ifindex;
  if (words.address !== undefined) spec.address = linkAddress(words.address);
  if (name !== undefined) {
    if (name === '' || name.length > 15) throw run.invalid(name, 'name');
    spec.name = name;
  }
  if (words.kind === 'vlan') spec.data = vlanOptions(run);
  return make(run, spec);
}

/** The kind's module may have to be loaded first. */
function* make(run: IpRun, spec: LinkSpec): Blocking<number> {
  return run.outcome(yield* whenLoaded(() => run.netlink.newLink(spec)));
}

function vlanOptions(run: IpRun): Record<string, number | string> {
  const data: Record<string, number | string> = {};
  while (!run.empty) {
    const word = run.take();
    if (word === 'id') data.id = run.unsigned(run.value(), 'id');
    else if (word === 'protocol') data.protocol = run.value();
    else run.value();
  }
  return data;
}

function linkAddress(text: string): number {
  try {
    return macAddress(text);
  } catch (end) {
    if (end instanceof Quit) throw new Die(`"${text}" is invalid lladdr`, 1);
    throw end;
  }
}

const SET_WORDS = [
  'up',
  'down',
  'name',
  'mtu',
  'qlen',
  'multicast',
  'arp',
  'promisc',
  'address',
  'netns',
  'master',
  'nomaster',
  'type',
  'dev',
] as const;

/** `ip link set`: one request per change, most of them ioctls with their own names in messages. */
function set(run: IpRun): number {
  let device: string | undefined;
  let address: string | undefined;
  const changes: LinkChanges = {};
  while (!run.empty) {
    const word = run.take();
    const key = keyword(SET_WORDS, word);
    if (key === undefined || key === 'dev') {
      const name = key === 'dev' ? run.value() : word;
      if (device !== undefined) throw run.garbage('dev', name);
      device = name;
    } else if (key === 'address') address = run.value();
    else if (key === 'type') throw run.die("attributes of a link's kind are not modelled (see sim/FIDELITY.md)");
    else parseChange(run, key, changes);
  }
  if (device === undefined) throw run.die('"dev" requires an argument');
  if (address !== undefined) changes.address = linkAddress(address);
  return apply(run, device, changes);
}

function parseChange(run: IpRun, key: Exclude<(typeof SET_WORDS)[number], 'dev' | 'address' | 'type'>, changes: LinkChanges): void {
  switch (key) {
    case 'up':
    case 'down':
      changes.up = key === 'up';
      break;
    case 'name':
      changes.name = run.value();
      break;
    case 'mtu':
      changes.mtu = number(run, 'mtu', changes.mtu);
      break;
    case 'qlen':
      changes.txqlen = number(run, 'qlen', changes.txqlen);
      break;
    case 'master':
      changes.master = run.device(run.value()).ifindex;
      break;
    case 'nomaster':
      changes.master = 0;
      break;
    case 'netns':
      changes.netns = namespaceOf(run, run.unsigned(run.value(), 'netns'));
      break;
    default:
      changes[key] = onOff(run, key);
  }
}

function number(run: IpRun, key: string, before: number | undefined): number {
  const text = run.value();
  if (before !== undefined) throw run.duplicate(key, text);
  return run.unsigned(text, key);
}

function onOff(run: IpRun, key: string): boolean {
  const text = run.value();
  if (text !== 'on' && text !== 'off') throw run.die(`argument of "${key}" must be "on" or "off"`);
  return text === 'on';
}

function namespaceOf(run: IpRun, pid: number) {
  const process = run.process.namespaces.pid.processes.get(pid);
  if (!process) throw run.die(`RTNETLINK answers: ${strerror('ESRCH')}`);
  return process.namespaces.net;
}

/** The changes in the applet's order, each with the name of its ioctl. */
const STEPS: readonly { keys: readonly (keyof LinkChanges)[]; ioctl: string }[] = [
  { keys: ['address'], ioctl: 'SIOCSIFHWADDR' },
  { keys: ['name'], ioctl: 'SIOCSIFNAME' },
  { keys: ['txqlen'], ioctl: 'SIOCSIFXQLEN' },
  { keys: ['mtu'], ioctl: 'SIOCSIFMTU' },
  { keys: ['master'], ioctl: '' },
  { keys: ['netns'], ioctl: '' },
  { keys: ['up', 'multicast', 'arp', 'promisc'], ioctl: 'SIOCSIFFLAGS' },
];

function apply(run: IpRun, name: string, changes: LinkChanges): number {
  for (const { keys, ioctl } of STEPS) {
    const step = Object.fromEntries(Object.entries(changes).filter(([key]) => keys.includes(key as keyof LinkChanges))) as LinkChanges;
    if (Object.keys(step).length === 0) continue;
    const link = findLink(run, changes.name !== undefined && keys[0] !== 'address' && keys[0] !== 'name' ? changes.name : name, ioctl);
    if (step.name === link.name) continue;
    const refused = run.netlink.setLink(link.ifindex, step);
    if (!refused) continue;
    if (ioctl === '') return run.outcome(refused);
    throw run.die(`${ioctl}: ${strerror(ioctlErrno(refused.errno))}`);
  }
  return 0;
}

/** Ranges that netlink explains come back from ioctls as EINVAL. */
function ioctlErrno(errno: Errno): Errno {
  return errno === 'ERANGE' ? 'EINVAL' : errno;
}

function findLink(run: IpRun, name: string, ioctl: string): LinkInfo {
  const link = run.netlink.link(name);
  if (link) return link;
  if (ioctl === '') throw run.die(`can't find device '${name}'`);
  throw run.die(`${ioctl === 'SIOCSIFFLAGS' ? 'SIOCGIFFLAGS' : ioctl}: ${strerror('ENODEV')}`);
}
