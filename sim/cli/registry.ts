import type { Program } from '../host/process.ts';
import type { Blocking } from '../host/wait.ts';
import { shellCommands } from './bash/main.ts';
import type { Command, Completer } from './command.ts';
import { bin, family, type ListedCommand } from './family.ts';

const IPTABLES = ['iptables', 'ip6tables']
  .flatMap((tool) => [
    ...['', '-save', '-restore'].map((what) => `sbin/${tool}${what},sbin/${tool}-nft${what}`),
    ...['', '-save', '-restore'].map((what) => `sbin/${tool}-legacy${what}`),
    ...['', '-restore'].map((what) => `sbin/${tool}${what}-translate`),
  ])
  .concat('sbin/iptables-apply', 'sbin/ip6tables-apply', 'sbin/xtables-monitor', 'bin/iptables-xml')
  .join(' ');

/**
 * Every command that a simulated machine can have, by families: what is here is known at once, the rest when a command is first
 * run. Adding one: its folder, and a line here.
 */
export const commands: readonly (Command | ListedCommand)[] = [
  ...family(
    'apk',
    'apk',
    () => import('./apk/apk.ts'),
    ({ apk }) => [apk],
  ),
  ...family(
    'awk',
    'bin/awk,bin/mawk',
    () => import('./awk/awk.ts'),
    ({ awk }) => [awk],
  ),
  ...shellCommands(completerOf),
  ...family('bind', bin('dig host nslookup'), () => import('./bind/index.ts')),
  ...family(
    'brctl',
    'sbin/brctl',
    () => import('./bridge-utils/brctl.ts'),
    ({ brctl }) => [brctl],
  ),
  ...family(
    'busybox',
    'bin/busybox',
    () => import('./busybox/busybox.ts'),
    ({ busybox }) => [busybox],
  ),
  ...family(
    'conntrack',
    'sbin/conntrack',
    () => import('./conntrack/conntrack.ts'),
    ({ conntrack }) => [conntrack],
  ),
  ...family(
    'fileutils',
    bin('basename chmod cp df dirname du ln ls mkdir mkfifo mktemp mv readlink realpath rm rmdir stat sync touch truncate unlink'),
    () => import('./coreutils/fileutils.ts'),
  ),
  ...family(
    'shellutils',
    bin(
      'arch [ clear date echo env expr false getent groups id logname nice nohup nproc printenv printf pwd seq stty tee test timeout true tty uname which who whoami yes',
    ),
    () => import('./coreutils/shellutils.ts'),
  ),
  ...family('sleep', 'bin/sleep', () => import('./coreutils/sleep.ts')),
  ...family(
    'textutils',
    bin(
      'base64 cat column comm cut expand fold head hexdump join md5sum nl od paste rev sha1sum sha224sum sha256sum sha512sum sort split strings tac tail tr unexpand uniq wc xxd',
    ),
    () => import('./coreutils/textutils.ts'),
  ),
  ...family(
    'curl',
    'bin/curl',
    () => import('./curl/curl.ts'),
    ({ curl }) => [curl],
  ),
  ...family('diffutils', bin('cmp diff'), () => import('./diffutils/index.ts')),
  ...family(
    'dnsmasq',
    'sbin/dnsmasq',
    () => import('./dnsmasq/dnsmasq.ts'),
    ({ dnsmasq }) => [dnsmasq],
  ),
  ...family(
    'docker',
    'bin/docker',
    () => import('./docker/docker.ts'),
    ({ dockerCommand }) => [dockerCommand],
  ),
  ...family(
    'ethtool',
    'sbin/ethtool,bin/ethtool',
    () => import('./ethtool/ethtool.ts'),
    ({ ethtool }) => [ethtool],
  ),
  ...family('findutils', bin('find xargs'), () => import('./findutils/index.ts')),
  ...family('grep', bin('grep egrep fgrep'), () => import('./grep/index.ts')),
  ...family(
    'http-echo',
    'http-echo',
    () => import('./http-echo/http-echo.ts'),
    ({ httpEcho }) => [httpEcho],
  ),
  ...family(
    'traefik-whoami',
    'traefik-whoami',
    () => import('./http-echo/whoami.ts'),
    ({ whoamiServer }) => [whoamiServer],
  ),
  ...family(
    'jq',
    'bin/jq',
    () => import('./jq/jq.ts'),
    ({ jq }) => [jq],
  ),
  ...family('hostname', bin('dnsdomainname domainname hostname nisdomainname ypdomainname'), () => import('./hostname/hostname.ts')),
  ...family(
    'bridge',
    'sbin/bridge',
    () => import('./iproute2/bridge.ts'),
    ({ bridge }) => [bridge],
  ),
  ...family(
    'ip',
    'bin/ip,sbin/ip',
    () => import('./iproute2/ip.ts'),
    ({ ip }) => [ip],
  ),
  ...family(
    'ipset',
    'sbin/ipset',
    () => import('./ipset/ipset.ts'),
    ({ ipset }) => [ipset],
  ),
  ...family(
    'ipvsadm',
    'sbin/ipvsadm',
    () => import('./ipvsadm/ipvsadm.ts'),
    ({ ipvsadm }) => [ipvsadm],
  ),
  ...family('iptables', IPTABLES, () => import('./iptables/iptables.ts')),
  ...family(
    'arping',
    'bin/arping,sbin/arping',
    () => import('./iputils/arping.ts'),
    ({ arping }) => [arping],
  ),
  ...family(
    'ping',
    'bin/ping,bin/ping4,bin/ping6',
    () => import('./iputils/ping.ts'),
    ({ ping }) => [ping],
  ),
  ...family(
    'tracepath',
    'bin/tracepath',
    () => import('./iputils/tracepath.ts'),
    ({ tracepath }) => [tracepath],
  ),
  ...family(
    'nstat',
    'bin/nstat',
    () => import('./iproute2/nstat.ts'),
    ({ nstat }) => [nstat],
  ),
  ...family(
    'ss',
    'bin/ss,sbin/ss',
    () => import('./iproute2/ss.ts'),
    ({ ss }) => [ss],
  ),
  ...family('less', bin('less more'), () => import('./less/index.ts')),
  ...family(
    'nc',
    'bin/nc,bin/nc.openbsd,bin/netcat',
    () => import('./netcat/nc.ts'),
    ({ nc }) => [nc],
  ),
  ...family('net-tools', 'sbin/arp sbin/ifconfig bin/netstat sbin/route', () => import('./net-tools/index.ts')),
  ...family(
    'nft',
    'sbin/nft',
    () => import('./nftables/nft.ts'),
    ({ nft }) => [nft],
  ),
  ...family(
    'nginx',
    'nginx',
    () => import('./nginx/nginx.ts'),
    ({ nginxCommand }) => [nginxCommand],
  ),
  ...family(
    'redis-cli',
    'redis-cli',
    () => import('./redis/client.ts'),
    ({ redisCli }) => [redisCli],
  ),
  ...family(
    'redis-server',
    'redis-server',
    () => import('./redis/server.ts'),
    ({ redisServer }) => [redisServer],
  ),
  ...family('procps', bin('free kill pgrep pidof pkill ps top uptime w watch'), () => import('./procps/index.ts')),
  ...family('sudo', bin('sudo'), () => import('./sudo/sudo.ts')),
  ...family('sysctl', 'sbin/sysctl', () => import('./sysctl/sysctl.ts')),
  ...family(
    'traceroute',
    'bin/traceroute,sbin/traceroute,bin/traceroute6',
    () => import('./traceroute/traceroute.ts'),
    ({ traceroute }) => [traceroute],
  ),
  ...family(
    'tcpdump',
    'bin/tcpdump',
    () => import('./tcpdump/tcpdump.ts'),
    ({ tcpdump }) => [tcpdump],
  ),
  ...family('util-linux', bin('dmesg lsns mount mountpoint nsenter umount unshare'), () => import('./util-linux/index.ts')),
  ...family(
    'sed',
    'bin/sed',
    () => import('./sed/sed.ts'),
    ({ sed }) => [sed],
  ),
  ...family(
    'wg',
    'bin/wg',
    () => import('./wireguard/wg.ts'),
    ({ wg }) => [wg],
  ),
  ...family(
    'wg-quick',
    'bin/wg-quick',
    () => import('./wireguard/wg.ts'),
    ({ wgQuick }) => [wgQuick],
  ),
  ...family(
    'wget',
    'bin/wget',
    () => import('./wget/wget.ts'),
    ({ wget }) => [wget],
  ),
];

const byName: ReadonlyMap<string, Command | ListedCommand> = new Map(commands.map((command) => [command.name, command]));

/** The programs by the name that `Executable` files carry. */
export const programs: ReadonlyMap<string, Program> = new Map(commands.map((command) => [command.name, command.run]));

/** How a command completes its arguments, if it knows. */
function* completerOf(name: string): Blocking<Completer | undefined> {
  const command = byName.get(name);
  return command && 'load' in command ? (yield* command.load()).complete : undefined;
}
