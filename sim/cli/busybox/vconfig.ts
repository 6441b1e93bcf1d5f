import { type Errno, strerror } from '../../base/errno.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { FIDELITY } from '../command.ts';
import { appletProgram, Die, inRange, ShowUsage } from './failure.ts';
import { keyword } from './ip-words.ts';

/** busybox's vconfig (networking/vconfig.c; net/8021q/vlan.c, vlan_ioctl_handler): VLAN devices, named after what they are on. */
export const vconfig = appletProgram('vconfig', runVconfig);

/** Commands, and how many words each takes. */
const COMMANDS: Readonly<Record<string, number>> = { add: 2, rem: 1, set_flag: 3, set_egress_map: 3, set_ingress_map: 3, set_name_type: 1 };
const NAME_TYPES = ['VLAN_PLUS_VID', 'DEV_PLUS_VID', 'VLAN_PLUS_VID_NO_PAD', 'DEV_PLUS_VID_NO_PAD'];
const USUAL_NAMES = 'DEV_PLUS_VID_NO_PAD';

function runVconfig(process: Process, args: readonly string[]): number {
  const [word, name = '', text = ''] = args;
  const command = word === undefined ? undefined : keyword(Object.keys(COMMANDS), word);
  if (command === undefined || args.length !== 1 + (COMMANDS[command] as number)) throw new ShowUsage();
  const netlink = rtNetlinkOf(process);
  const check = (errno: Errno | undefined) => {
    if (errno) throw new Die(`ioctl error for ${command}: ${strerror(errno)}`);
    return 0;
  };
  if (command === 'set_name_type') {
    if (!NAME_TYPES.includes(name)) throw new ShowUsage();
    if (name === USUAL_NAMES) return 0;
  }
  if (command !== 'add' && command !== 'rem') throw new Die(`${command} ${name} is not modelled (${FIDELITY})`);
  const id = command === 'add' ? inRange(text, 0, 4095) : 0;
  const link = netlink.link(name);
  if (!link) return check('ENODEV');
  if (command === 'rem') return check(link.kind === 'vlan' ? netlink.delLink(link.ifindex)?.errno : 'EINVAL');
  return check(netlink.newLink({ name: `${link.name}.${id}`, kind: 'vlan', link: link.ifindex, data: { id } })?.errno);
}
