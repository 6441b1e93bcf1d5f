import { KERNEL } from '../../host/filesystems/identity.ts';
import { accountLines, currentUser } from '../tool/accounts.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { programPaths } from '../tool/execute.ts';
import { terminalOf } from '../../host/tty.ts';
import { flag, type Tool, unmodelled } from '../tool/tool.ts';

const SUITE = 'GNU coreutils';

export const uname: Tool = {
  name: 'uname',
  suite: SUITE,
  usage: ['[OPTION]...'],
  about: 'Print what system this is; the kernel name if nothing is asked for.',
  options: [
    flag('a', 'all', 'everything that is known'),
    flag('s', 'kernel-name', 'the kernel'),
    flag('n', 'nodename', 'the host name'),
    flag('r', 'kernel-release', "the kernel's release"),
    flag('v', 'kernel-version', "the kernel's version"),
    flag('m', 'machine', 'the hardware'),
    flag('p', 'processor', 'the processor'),
    flag('i', 'hardware-platform', 'the platform'),
    flag('o', 'operating-system', 'the operating system'),
  ],
  *main(call) {
    if (call.operands[0] !== undefined) return yield* call.extraOperand(call.operands[0]);
    const values: [string, string][] = [
      ['kernel-name', KERNEL.type],
      ['nodename', call.process.namespaces.uts.hostname],
      ['kernel-release', KERNEL.release],
      ['kernel-version', KERNEL.version],
      ['machine', KERNEL.machine],
      ['processor', 'unknown'],
      ['hardware-platform', 'unknown'],
      ['operating-system', 'GNU/Linux'],
    ];
    const all = call.has('all');
    const asked = values.filter(([name, value]) => call.has(name) || (all && value !== 'unknown'));
    const shown = call.parsed.options.length === 0 ? [values[0] as [string, string]] : asked;
    yield* call.out.text(`${shown.map(([, value]) => value).join(' ')}\n`);
    return 0;
  },
};

export const arch: Tool = {
  name: 'arch',
  suite: SUITE,
  usage: ['[OPTION]...'],
  about: 'Print the hardware.',
  options: [],
  *main(call) {
    if (call.operands[0] !== undefined) return yield* call.extraOperand(call.operands[0]);
    yield* call.out.text(`${KERNEL.machine}\n`);
    return 0;
  },
};

export const whoami: Tool = {
  name: 'whoami',
  suite: SUITE,
  usage: ['[OPTION]...'],
  about: 'Print the name of the user.',
  options: [],
  *main(call) {
    if (call.operands[0] !== undefined) return yield* call.extraOperand(call.operands[0]);
    yield* call.out.text(`${currentUser(call.process)}\n`);
    return 0;
  },
};

export const id: Tool = {
  name: 'id',
  suite: SUITE,
  usage: ['[OPTION]... [USER]...'],
  about: 'Print who the user is, and which groups they are in.',
  options: [
    flag('g', 'group', 'only the group'),
    flag('G', 'groups', 'only the groups'),
    flag('n', 'name', 'names instead of numbers'),
    flag('r', 'real', 'the real one, which is the same'),
    flag('u', 'user', 'only the user'),
    unmodelled('Z', 'context'),
  ],
  *main(call) {
    const users = accountLines(call.process, '/etc/passwd');
    const groups = accountLines(call.process, '/etc/group');
    const root = ['root', 'x', '0', '0'];
    const inside = call.process.namespaces.user;
    for (const who of call.operands.length > 0 ? call.operands : [undefined]) {
      const user =
        who === undefined
          ? inside
            ? [
                users.find((fields) => fields[2] === String(inside.uid))?.[0] ?? (inside.uid === 0 ? 'root' : ''),
                'x',
                String(inside.uid),
                String(inside.gid),
              ]
            : (users.find((fields) => fields[2] === '0') ?? root)
          : [...users, root].find((fields) => fields[0] === who || fields[2] === who);
      if (!user) {
        yield* call.warn(call.either(`${call.quote(who as string)}: no such user`, `unknown user ${who}`));
        continue;
      }
      const [name = '', , uid = '0', gid = '0'] = user;
      const groupName = (number: string) => groups.find((fields) => fields[2] === number)?.[0] ?? (number === '0' ? 'root' : '');
      const withName = (number: string, known: string) => (known === '' ? number : `${number}(${known})`);
      const member = [
        gid,
        ...groups.filter((fields) => name !== '' && fields[3]?.split(',').includes(name)).map((fields) => fields[2] as string),
      ];
      const list = [...new Set(member)];
      if (call.has('user')) yield* call.out.text(`${call.has('name') ? name || uid : uid}\n`);
      else if (call.has('group')) yield* call.out.text(`${call.has('name') ? groupName(gid) || gid : gid}\n`);
      else if (call.has('groups'))
        yield* call.out.text(`${list.map((each) => (call.has('name') ? groupName(each) || each : each)).join(' ')}\n`);
      else {
        const named = list.map((each) => withName(each, groupName(each))).join(',');
        yield* call.out.text(`uid=${withName(uid, name)} gid=${withName(gid, groupName(gid))}${call.busybox ? '' : ` groups=${named}`}\n`);
      }
    }
    return call.status;
  },
};

export const groups: Tool = {
  name: 'groups',
  suite: SUITE,
  usage: ['[OPTION]... [USERNAME]...'],
  about: 'Print the groups of users.',
  options: [],
  *main(call) {
    const lines = accountLines(call.process, '/etc/group');
    for (const user of call.operands.length > 0 ? call.operands : [currentUser(call.process)]) {
      const names = lines.filter((fields) => fields[0] === user || fields[3]?.split(',').includes(user)).map((fields) => fields[0]);
      const list = names.length > 0 ? names.join(' ') : 'root';
      yield* call.out.text(`${call.operands.length > 0 ? `${user} : ` : ''}${list}\n`);
    }
    return 0;
  },
};

export const who: Tool = {
  name: 'who',
  suite: SUITE,
  usage: ['[OPTION]... [ FILE | ARG1 ARG2 ]'],
  about: 'Print who is logged in: the sessions that have a terminal.',
  options: [flag('H', 'heading', 'with a heading'), flag('q', 'count', 'only names and how many'), flag('m', '', 'only this terminal')],
  *main(call) {
    if (call.operands[2] !== undefined) return yield* call.extraOperand(call.operands[2]);
    const user = currentUser(call.process);
    const here = call.has('m') || call.operands.length === 2;
    const sessions = call.process.host
      .processes()
      .filter((process) => process.pid === process.sid && process.tty && (!here || process.tty === call.process.tty));
    if (call.has('count')) {
      yield* call.out.text(`${sessions.map(() => user).join(' ')}\n# users=${sessions.length}\n`);
      return 0;
    }
    if (call.has('heading')) yield* call.out.text('NAME     LINE         TIME             COMMENT\n');
    for (const session of sessions) {
      const time = strftime('%Y-%m-%d %H:%M', momentOf(session.started));
      yield* call.out.text(`${user.padEnd(8)} ${`pts/${session.tty?.number}`.padEnd(12)} ${time}\n`);
    }
    return 0;
  },
};

export const tty: Tool = {
  name: 'tty',
  suite: SUITE,
  usage: ['[OPTION]...'],
  about: 'Print the name of the terminal on standard input.',
  options: [flag('s', 'silent', 'print nothing, only end with the status'), { ...flag('', 'quiet', 'same as --silent'), name: 'silent' }],
  usageStatus: 2,
  *main(call) {
    if (call.operands[0] !== undefined) return yield* call.extraOperand(call.operands[0]);
    const terminal = terminalOf(call.process.fds.get(0));
    if (!call.has('silent')) yield* call.out.text(terminal ? `/dev/pts/${terminal.number}\n` : 'not a tty\n');
    return terminal ? 0 : 1;
  },
};

export const which: Tool = {
  name: 'which',
  suite: 'debianutils',
  usage: ['[-as] filename ...'],
  about: 'Print where commands are found along PATH.',
  options: [flag('a', '', 'all places'), flag('s', '', 'print nothing')],
  usageStatus: 2,
  *main(call) {
    let status = call.operands.length > 0 ? 0 : 1;
    for (const name of call.operands) {
      const paths = programPaths(call.process, name);
      if (paths.length === 0) status = 1;
      for (const path of call.has('a') ? paths : paths.slice(0, 1)) if (!call.has('s')) yield* call.out.text(`${path}\n`);
    }
    return status;
  },
};
