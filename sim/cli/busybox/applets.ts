import type { Program } from '../../host/process.ts';
import { awk } from '../awk/awk.ts';
import { ashProgram } from '../bash/main.ts';
import { tools as coreutils } from '../coreutils/index.ts';
import { tools as diffutils } from '../diffutils/index.ts';
import { tools as findutils } from '../findutils/index.ts';
import { tools as grep } from '../grep/index.ts';
import { tools as less } from '../less/index.ts';
import { tools as procps } from '../procps/index.ts';
import { sed } from '../sed/sed.ts';
import { busyboxDialect } from '../tool/dialect.ts';
import { type Tool, toolProgram } from '../tool/tool.ts';
import { tools as utilLinux } from '../util-linux/index.ts';
import { appletNames } from './applet-names.ts';
import { arp } from './arp.ts';
import { brctl } from './brctl.ts';
import { dnsdomainname, hostname } from './hostname.ts';
import { httpd } from './httpd.ts';
import { ifconfig } from './ifconfig.ts';
import { ip } from './ip.ts';
import { killall } from './killall.ts';
import { nc } from './nc.ts';
import { netstat } from './netstat.ts';
import { nslookup } from './nslookup.ts';
import { ping, ping6 } from './ping.ts';
import { ps } from './ps.ts';
import { route } from './route.ts';
import { sysctl } from './sysctl.ts';
import { telnet } from './telnet.ts';
import { traceroute, traceroute6 } from './traceroute.ts';
import { BANNER, USAGE } from './usage.ts';
import { wget } from './wget.ts';

/** The text tools speak busybox's dialect here. */
export const dialect = busyboxDialect({ banner: BANNER, usage: (applet) => USAGE[applet] });

/** Applets of our own: the ones about networks, and the programs that have no dialect. */
const OWN: readonly [name: string, run: Program][] = [
  ['arp', arp],
  ['ash', ashProgram],
  ['awk', awk.run],
  ['brctl', brctl],
  ['dnsdomainname', dnsdomainname],
  ['hostname', hostname],
  ['httpd', httpd],
  ['ifconfig', ifconfig],
  ['ip', ip],
  ['killall', killall],
  ['nc', nc],
  ['netstat', netstat],
  ['nslookup', nslookup],
  ['ping', ping],
  ['ping6', ping6],
  ['ps', ps],
  ['route', route],
  ['sed', sed.run],
  ['sh', ashProgram],
  ['sysctl', sysctl],
  ['telnet', telnet],
  ['traceroute', traceroute],
  ['traceroute6', traceroute6],
  ['wget', wget],
];

const TOOLS: readonly Tool[] = [...coreutils, ...diffutils, ...findutils, ...grep, ...less, ...procps, ...utilLinux];

/** Every applet that runs, by name: those of the real busybox for which there is a program. Adding one: a line above. */
export const applets: ReadonlyMap<string, Program> = collect();

function collect(): Map<string, Program> {
  const real = new Set(appletNames);
  const found = new Map<string, Program>();
  for (const tool of TOOLS) if (real.has(tool.name)) found.set(tool.name, toolProgram(tool, dialect));
  for (const [name, run] of OWN) found.set(name, run);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
