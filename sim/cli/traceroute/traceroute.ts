import { addressBits, type IP } from '../../base/address.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { IcmpMethod, TcpMethod, UdpMethod } from './methods.ts';
import { checkSettings, readOptions, type Settings, Stop } from './options.ts';
import { type Method, Trace } from './trace.ts';

/** traceroute(8), Linux's modern one. */
export const traceroute: Command = {
  name: 'traceroute',
  paths: ['/usr/bin/traceroute', '/usr/sbin/traceroute', '/usr/bin/traceroute6'],
  run: runTraceroute,
};

function* runTraceroute(process: Process): Blocking<number> {
  try {
    const settings = readOptions(process.argv.slice(1));
    if (/(^|\/)traceroute6$/.test(process.argv[0] ?? '')) settings.family = 6;
    const destination = yield* resolve(process, settings);
    checkSettings(settings, destination);
    const trace = new Trace(process, settings, destination, lengths(settings, destination));
    yield* trace.run(methodOf(trace));
    return 0;
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    yield* process.write(stop.fd, stop.text);
    return stop.status;
  }
}

/** IPv4 if the name has such an address and nobody asked for IPv6. */
function* resolve(process: Process, settings: Settings): Blocking<IP> {
  const { host, hostAt, family } = settings;
  const found = yield* resolveName(process, host);
  const of = (wanted: 4 | 6) =>
    typeof found !== 'string' && found.addresses.find((address) => addressBits(address) === (wanted === 4 ? 32 : 128));
  const address = family === 0 ? (of(4) ?? of(6)) : of(family);
  if (address !== undefined && address !== false) return address;
  const why = resolutionErrorText(typeof found === 'string' ? found : 'EAI_ADDRFAMILY');
  throw new Stop(`${host}: ${why}\nCannot handle "host" cmdline arg \`${host}' on position ${hostAt.position} (argc ${hostAt.argument})\n`);
}

/** Of the IP header with the method's own, and of the data: 40 bytes after the IP header unless a length was given. */
function lengths({ method, packetLength, mtu }: Settings, destination: IP): { header: number; data: number } {
  const network = typeof destination === 'bigint' ? 40 : 20;
  if (method === 'tcp') return { header: network, data: 40 };
  const whole = packetLength ?? (mtu ? 65_000 : network + 40);
  return { header: network + 8, data: Math.max(0, whole - network - 8) };
}

function methodOf(trace: Trace): Method {
  switch (trace.settings.method) {
    case 'icmp':
      return new IcmpMethod(trace);
    case 'tcp':
      return new TcpMethod(trace);
    default:
      return new UdpMethod(trace, trace.settings.method === 'udp');
  }
}
