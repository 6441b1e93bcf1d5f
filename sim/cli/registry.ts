import type { Program } from '../host/process.ts';
import type { Command } from './command.ts';
import { apk } from './apk/apk.ts';
import { awk } from './awk/awk.ts';
import { shellCommands } from './bash/main.ts';
import { commands as bind } from './bind/index.ts';
import { brctl } from './bridge-utils/brctl.ts';
import { busybox } from './busybox/busybox.ts';
import { conntrack } from './conntrack/conntrack.ts';
import { commands as coreutils } from './coreutils/index.ts';
import { curl } from './curl/curl.ts';
import { commands as diffutils } from './diffutils/index.ts';
import { dnsmasq } from './dnsmasq/dnsmasq.ts';
import { dockerCommand } from './docker/docker.ts';
import { ethtool } from './ethtool/ethtool.ts';
import { commands as findutils } from './findutils/index.ts';
import { commands as grep } from './grep/index.ts';
import { httpEcho } from './http-echo/http-echo.ts';
import { whoamiServer } from './http-echo/whoami.ts';
import { jq } from './jq/jq.ts';
import { commands as hostname } from './hostname/hostname.ts';
import { bridge } from './iproute2/bridge.ts';
import { ip } from './iproute2/ip.ts';
import { commands as iptables } from './iptables/iptables.ts';
import { ipset } from './ipset/ipset.ts';
import { ipvsadm } from './ipvsadm/ipvsadm.ts';
import { nstat } from './iproute2/nstat.ts';
import { ss } from './iproute2/ss.ts';
import { arping } from './iputils/arping.ts';
import { ping } from './iputils/ping.ts';
import { tracepath } from './iputils/tracepath.ts';
import { commands as less } from './less/index.ts';
import { commands as netTools } from './net-tools/index.ts';
import { nc } from './netcat/nc.ts';
import { nft } from './nftables/nft.ts';
import { nginxCommand } from './nginx/nginx.ts';
import { commands as procps } from './procps/index.ts';
import { commands as sysctl } from './sysctl/sysctl.ts';
import { traceroute } from './traceroute/traceroute.ts';
import { tcpdump } from './tcpdump/tcpdump.ts';
import { commands as utilLinux } from './util-linux/index.ts';
import { redisCli } from './redis/client.ts';
import { redisServer } from './redis/server.ts';
import { sed } from './sed/sed.ts';
import { wget } from './wget/wget.ts';
import { wg, wgQuick } from './wireguard/wg.ts';

/** Every command that a simulated machine can have. Adding one: its file, an import and a line here. */
export const commands: readonly Command[] = [
  apk,
  awk,
  ...shellCommands((name) => commands.find((command) => command.name === name)?.complete),
  ...bind,
  brctl,
  busybox,
  conntrack,
  ...coreutils,
  curl,
  ...diffutils,
  dnsmasq,
  dockerCommand,
  ethtool,
  ...findutils,
  ...grep,
  httpEcho,
  whoamiServer,
  jq,
  ...hostname,
  bridge,
  ip,
  ipset,
  ipvsadm,
  ...iptables,
  arping,
  ping,
  tracepath,
  nstat,
  ss,
  ...less,
  nc,
  ...netTools,
  nft,
  nginxCommand,
  redisCli,
  redisServer,
  ...procps,
  ...sysctl,
  traceroute,
  tcpdump,
  ...utilLinux,
  sed,
  wg,
  wgQuick,
  wget,
];

/** The programs by the name that `Executable` files carry. */
export const programs: ReadonlyMap<string, Program> = new Map(commands.map((command) => [command.name, command.run]));
