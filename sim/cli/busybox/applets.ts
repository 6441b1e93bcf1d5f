import { type Part, part } from '../../base/part.ts';
import type { Program } from '../../host/process.ts';
import { type Blocking, need } from '../../host/wait.ts';
import type { Tool } from '../tool/tool.ts';

/** How an applet's program is got: by loading what it is in. */
type Applet = () => Blocking<Program>;

const dialects = part('busybox dialect', () => import('./dialect.ts'));

/** A program of our own, made for busybox. */
function own<T>(name: string, fetch: () => PromiseLike<T>, choose: (module: T) => Program): [string, Applet] {
  const wanted = part(`busybox ${name}`, fetch);
  return [name, own];
  function* own(): Blocking<Program> {
    return choose(yield* need(wanted));
  }
}

/** The text tools of a family of commands, which speak busybox's dialect here. */
function tools(family: string, names: string, fetch: () => PromiseLike<{ tools: readonly Tool[] }>): [string, Applet][] {
  const wanted = part(family, fetch);
  return names.split(' ').map((name) => [name, () => toolOf(wanted, name)]);
}

function* toolOf(family: Part<{ tools: readonly Tool[] }>, name: string): Blocking<Program> {
  const found = (yield* need(family)).tools.find((tool) => tool.name === name);
  if (!found) throw new Error(`${family.name} has no ${name}`);
  return (yield* need(dialects)).appletProgram(found);
}

const LIST: readonly [string, Applet][] = [
  own(
    'arp',
    () => import('./arp.ts'),
    (module) => module.arp,
  ),
  own(
    'arping',
    () => import('./arping.ts'),
    (module) => module.arping,
  ),
  own(
    'ash',
    () => import('../bash/main.ts'),
    (module) => module.ashProgram,
  ),
  own(
    'awk',
    () => import('../awk/awk.ts'),
    (module) => module.awk.run,
  ),
  own(
    'brctl',
    () => import('./brctl.ts'),
    (module) => module.brctl,
  ),
  own(
    'dnsdomainname',
    () => import('./hostname.ts'),
    (module) => module.dnsdomainname,
  ),
  own(
    'hostid',
    () => import('./hostid.ts'),
    (module) => module.hostid,
  ),
  own(
    'hostname',
    () => import('./hostname.ts'),
    (module) => module.hostname,
  ),
  own(
    'httpd',
    () => import('./httpd.ts'),
    (module) => module.httpd,
  ),
  own(
    'ifconfig',
    () => import('./ifconfig.ts'),
    (module) => module.ifconfig,
  ),
  own(
    'ip',
    () => import('./ip.ts'),
    (module) => module.ip,
  ),
  own(
    'ipcalc',
    () => import('./ipcalc.ts'),
    (module) => module.ipcalc,
  ),
  own(
    'killall',
    () => import('./killall.ts'),
    (module) => module.killall,
  ),
  own(
    'nc',
    () => import('./nc.ts'),
    (module) => module.nc,
  ),
  own(
    'netstat',
    () => import('./netstat.ts'),
    (module) => module.netstat,
  ),
  own(
    'nslookup',
    () => import('./nslookup.ts'),
    (module) => module.nslookup,
  ),
  own(
    'ping',
    () => import('./ping.ts'),
    (module) => module.ping,
  ),
  own(
    'ping6',
    () => import('./ping.ts'),
    (module) => module.ping6,
  ),
  own(
    'ps',
    () => import('./ps.ts'),
    (module) => module.ps,
  ),
  own(
    'route',
    () => import('./route.ts'),
    (module) => module.route,
  ),
  own(
    'sed',
    () => import('../sed/sed.ts'),
    (module) => module.sed.run,
  ),
  own(
    'sh',
    () => import('../bash/main.ts'),
    (module) => module.ashProgram,
  ),
  own(
    'sysctl',
    () => import('./sysctl.ts'),
    (module) => module.sysctl,
  ),
  own(
    'telnet',
    () => import('./telnet.ts'),
    (module) => module.telnet,
  ),
  own(
    'traceroute',
    () => import('./traceroute.ts'),
    (module) => module.traceroute,
  ),
  own(
    'traceroute6',
    () => import('./traceroute.ts'),
    (module) => module.traceroute6,
  ),
  own(
    'tunctl',
    () => import('./tunctl.ts'),
    (module) => module.tunctl,
  ),
  own(
    'vconfig',
    () => import('./vconfig.ts'),
    (module) => module.vconfig,
  ),
  own(
    'wget',
    () => import('./wget.ts'),
    (module) => module.wget,
  ),
  ...tools(
    'fileutils',
    'basename chmod cp df dirname du ln ls mkdir mkfifo mktemp mv readlink realpath rm rmdir stat sync touch truncate unlink',
    () => import('../coreutils/fileutils.ts'),
  ),
  ...tools(
    'shellutils',
    'arch [ clear date echo env expr false groups id logname nproc printf pwd seq stty tee test timeout true tty uname which who whoami yes',
    () => import('../coreutils/shellutils.ts'),
  ),
  ...tools(
    'textutils',
    'base64 cat cut expand fold head hexdump md5sum nl od paste rev sha1sum sha256sum sha512sum sort strings tac tail tr unexpand uniq wc xxd',
    () => import('../coreutils/textutils.ts'),
  ),
  ...tools('sleep', 'sleep', () => import('../coreutils/sleep.ts')),
  ...tools('diffutils', 'cmp diff', () => import('../diffutils/index.ts')),
  ...tools('findutils', 'find xargs', () => import('../findutils/index.ts')),
  ...tools('grep', 'grep egrep fgrep', () => import('../grep/index.ts')),
  ...tools('less', 'less more', () => import('../less/index.ts')),
  ...tools('procps', 'free kill pidof top uptime w watch', () => import('../procps/index.ts')),
  ...tools('util-linux', 'dmesg mount nsenter umount unshare', () => import('../util-linux/index.ts')),
];

/** Every applet that runs, by name: those of the real busybox for which there is a program. Adding one: a line or a word above. */
export const applets: ReadonlyMap<string, Applet> = new Map([...LIST].sort(([a], [b]) => (a < b ? -1 : 1)));
