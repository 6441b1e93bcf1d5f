import { formatIP, formatMac } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import type { MulticastInfo } from '../../host/netlink/messages.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { addressOf, macAddress } from './values.ts';
import { EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const USAGE = 'Usage: ip maddr [ add | del ] MULTIADDR dev STRING\n       ip maddr show [ dev STRING ]\n';

/** `ip maddress`: the groups that interfaces listen to (ip/ipmaddr.c). */
export const maddressCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['list', 'show', 'lst'], run: show },
  { names: ['help'], run: (tool) => tool.refuse(new Quit(USAGE, EXIT_MINUS_ONE)) },
];

function show(tool: Tool, words: Words): number {
  let device: string | undefined;
  while (!words.empty) {
    const word = words.take();
    device = word === 'dev' ? words.value() : word;
  }
  const report = tool.report();
  for (const info of tool.netlink.multicast()) if (device === undefined || info.name === device) showOne(tool, report, info);
  report.end();
  return 0;
}

function showOne(tool: Tool, report: Report, { ifindex, name, link, inet, inet6 }: MulticastInfo): void {
  const { family, oneline } = tool.options;
  const entries: { write: () => void }[] = [];
  const add = (write: () => void) => entries.push({ write });
  if (family === 0 || family === 'link') {
    for (const { address, users, fixed } of link) {
      add(() => {
        report.text('link  ');
        report.field('link', formatMac(address), formatMac(address), 'mac');
        if (users > 1) report.field('users', users, ` users ${users}`);
        if (fixed) report.field('features', 'static', ' static');
      });
    }
  }
  for (const [shown, title, groups] of [
    [4, 'inet', inet],
    [6, 'inet6', inet6],
  ] as const) {
    if (family !== 0 && family !== shown) continue;
    for (const { address, users } of groups) {
      add(() => {
        report.field('family', title, `${title.padEnd(5)} `);
        report.field('address', formatIP(address), formatIP(address), shown === 4 ? 'inet' : 'inet6');
        if (users > 1) report.field('users', users, ` users ${users}`);
      });
    }
  }
  if (entries.length === 0) return;
  const head = () => {
    report.text(`${ifindex}:`);
    report.text(`\t${name}`, 'ifname');
  };
  report.object('', () => {
    report.data('ifindex', ifindex);
    report.data('ifname', name);
    if (!oneline) {
      head();
      report.text('\n');
    }
    report.list('maddr', () => {
      for (const { write } of entries) {
        if (oneline) {
          head();
          report.text('\\\t');
        } else report.text('\t');
        report.object('', write);
        report.text('\n');
      }
    });
  });
}

function modify(tool: Tool, words: Words, mode: 'add' | 'delete'): number {
  let device: string | undefined;
  let address: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device = words.value();
    else {
      const text = word === 'address' ? words.value() : word;
      if (text === 'help') throw new Quit(USAGE, EXIT_MINUS_ONE);
      if (address !== undefined) throw new Quit(`Error: duplicate "address": "${text}" is the second value.\n`, EXIT_MINUS_ONE);
      address = text;
    }
  }
  if (device === undefined || address === undefined) throw new Quit('Not enough information: "dev" is required.\n', EXIT_MINUS_ONE);
  const ip = addressOf(address, 0);
  if (ip !== undefined && !address.includes(':')) throw new Quit('Error: Invalid address length 4 - must be 6 bytes\n', 1);
  const mac = macAddress(address);
  const failed = mode === 'add' ? tool.netlink.addMulticast(device, mac) : tool.netlink.delMulticast(device, mac);
  if (!failed) return 0;
  tool.warn(`ioctl: ${strerror(failed)}\n`);
  return 1;
}
