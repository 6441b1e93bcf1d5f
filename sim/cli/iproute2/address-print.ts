import { addressBits, formatIP } from '../../base/address.ts';
import type { AddressInfo } from '../../host/netlink/messages.ts';
import { scopeName } from './names.ts';
import { familyColor, type Report } from './report.ts';
import type { Tool } from './tool.ts';
import { familyOf } from './values.ts';

/** Lifetimes that never end, as JSON shows them. */
const FOREVER = 0xffff_ffff;

/** One address of `ip addr` (ip/ipaddress.c `print_addrinfo`). `named` puts the interface in front, as -o and the monitor do. */
export function printAddress(tool: Tool, report: Report, address: AddressInfo, named: boolean): void {
  const family = familyOf(address.prefix.address) === 4 ? 'inet' : 'inet6';
  if (named) {
    const device = tool.deviceName(address.ifindex);
    report.data('index', address.ifindex);
    report.data('dev', device);
    report.text(`${address.ifindex}: ${device}`);
  }
  report.field('family', family, `    ${family} `);
  printLocal(report, address);
  if (address.broadcast !== undefined) {
    report.text('brd ');
    report.field('broadcast', formatIP(address.broadcast), `${formatIP(address.broadcast)} `, 'inet');
  }
  const scope = scopeName(address.scope, tool.options.numeric);
  report.field('scope', scope, `scope ${scope} `);
  for (const flag of flagsOf(address)) report.field(flag, true, `${flag} `);
  if (address.protocol !== undefined) report.field('protocol', address.protocol, `proto ${address.protocol} `);
  if (address.label !== undefined && family === 'inet') report.field('label', address.label, address.label);
  report.text(`${tool.newline}       valid_lft `);
  printLifetime(report, 'valid_life_time', address.validLifetime);
  report.text(' preferred_lft ');
  // IPv4 says no more of a permanent address than that it is deprecated (inet_fill_ifaddr).
  const permanent = family === 'inet' && address.permanent;
  printLifetime(report, 'preferred_life_time', permanent ? undefined : address.preferredLifetime);
  report.text('\n');
}

/** An address of `ip -br addr`. */
export function printBriefAddress(report: Report, address: AddressInfo): void {
  printLocal(report, address);
}

function printLocal(report: Report, address: AddressInfo): void {
  const local = formatIP(address.prefix.address);
  const color = familyColor(address.prefix.address);
  report.field('local', local, local, color);
  if (address.peer !== undefined) {
    report.text(' peer ');
    report.field('address', formatIP(address.peer), formatIP(address.peer), color);
  }
  report.field('prefixlen', address.prefix.length, `/${address.prefix.length} `);
  if (address.metric !== undefined) report.field('metric', address.metric, `metric ${address.metric} `);
}

function flagsOf(address: AddressInfo): string[] {
  const flags: string[] = [];
  if (address.secondary) flags.push(addressBits(address.prefix.address) === 32 ? 'secondary' : 'temporary');
  const further = (name: string): string[] => (address.flags?.includes(name) ? [name] : []);
  if (address.nodad) flags.push('nodad');
  if (address.tentative) flags.push(...further('optimistic'));
  if (address.dadFailed) flags.push('dadfailed');
  flags.push(...further('home'));
  if (address.preferredLifetime === 0) flags.push('deprecated');
  if (address.tentative) flags.push('tentative');
  if (!address.permanent) flags.push('dynamic');
  flags.push(...further('mngtmpaddr'));
  if (address.noprefixroute) flags.push('noprefixroute');
  flags.push(...further('autojoin'));
  return flags;
}

function printLifetime(report: Report, key: string, seconds: number | undefined): void {
  if (seconds === undefined) report.field(key, FOREVER, 'forever');
  else report.field(key, seconds, `${seconds}sec`);
}
