import { isProblem, not, numberOf } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Cgroup {
  /** net_cls's class of the sending socket. */
  classid: number | undefined;
  path: string | undefined;
  inverted: boolean;
}

/** The cgroup match: the control group of the socket that sent the packet (net/netfilter/xt_cgroup.c). All are in the first one here. */
export const cgroup: MatchExtension<Cgroup> = {
  name: 'cgroup',
  options: [
    { name: 'path', invert: true, excludes: ['cgroup'] },
    { name: 'cgroup', invert: true },
  ],
  parse(given) {
    const option = given.find('path') ?? given.find('cgroup');
    const classid = given.has('cgroup') ? numberOf('cgroup', given, 'cgroup', 0xffff_ffff) : undefined;
    if (isProblem(classid)) return classid;
    return { classid, path: given.value('path'), inverted: option?.inverted ?? false };
  },
  check({ classid, path }, _place) {
    return classid !== undefined || path === '/' ? undefined : 'EINVAL';
  },
  save: ({ classid, path, inverted }) =>
    path === undefined ? `${not(inverted)} --cgroup ${classid}` : `${not(inverted)} --path "${path}"`,
  list: ({ classid, path, inverted }) => ` cgroup${not(inverted)} ${path ?? classid}`,
  matches: ({ classid, inverted }, skb) => skb.socket !== undefined && (classid === undefined || classid === 0) !== inverted,
};
