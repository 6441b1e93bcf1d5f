import type { LinkAttribute } from '../../host/netlink/messages.ts';
import type { Report } from './report.ts';

type Data = Readonly<Record<string, LinkAttribute>>;

/** What `ip -d link` says of the kinds that stand on another device, and of tunnels, by kind. */
export const STACKED_DETAILS: Record<string, (report: Report, data: Data) => void> = {
  vlan: printVlan,
  macvlan: printMacvlan,
  ipvlan: printIpvlan,
  ipip: printIpip,
  tun: printTun,
};

function printVlan(report: Report, data: Data): void {
  report.field('protocol', data.protocol ?? '802.1Q', `protocol ${data.protocol ?? '802.1Q'} `);
  report.field('id', Number(data.id), `id ${data.id} `);
  const flags = [...(data.reorder_hdr === false ? [] : ['REORDER_HDR']), ...(data.loose_binding === true ? ['LOOSE_BINDING'] : [])];
  if (flags.length > 0) report.field('flags', flags, `<${flags.join(',')}> `);
}

function printMacvlan(report: Report, data: Data): void {
  report.field('mode', data.mode ?? '', `mode ${data.mode} `);
  for (const flag of ['nopromisc', 'nodst']) if (data.flag === flag) report.field(flag, true, `${flag} `);
  for (const name of ['bcqueuelen', 'usedbcqueuelen']) report.field(name, Number(data[name]), `${name} ${data[name]} `);
  if (data.bclim !== undefined) report.field('bclim', Number(data.bclim), `bclim ${data.bclim} `);
  if (data.macaddr_count === undefined) return;
  report.field('macaddr_count', Number(data.macaddr_count), `remotes (${data.macaddr_count}) `);
  const senders = String(data.macaddr_data ?? '')
    .split(' ')
    .filter((sender) => sender !== '');
  if (senders.length > 0) report.field('macaddr_data', senders, senders.map((sender) => `${sender} `).join(''));
}

function printIpvlan(report: Report, data: Data): void {
  report.field('mode', data.mode ?? '', ` mode ${data.mode} `);
  report.field('mode_flag', data.flags ?? '', `${data.flags} `);
}

function printIpip(report: Report, data: Data): void {
  report.field('proto', data.proto ?? '', `${data.proto} `);
  for (const name of ['remote', 'local']) report.field(name, data[name] ?? 'any', `${name} ${data[name] ?? 'any'} `);
  if (data.link !== undefined) report.field('link', data.link, `dev ${data.link} `);
  report.field('ttl', Number(data.ttl), data.ttl === 0 ? 'ttl inherit ' : `ttl ${data.ttl} `);
  if (data.tos === 'inherit') report.field('tos', 'inherit', 'tos inherit ');
  else if (data.tos !== 0) report.field('tos', `0x${Number(data.tos).toString(16)}`, `tos 0x${Number(data.tos).toString(16)} `);
  report.field('pmtudisc', data.pmtudisc === true, data.pmtudisc === true ? 'pmtudisc ' : 'nopmtudisc ');
}

function printTun(report: Report, data: Data): void {
  report.field('type', data.type ?? '', `type ${data.type} `);
  for (const name of ['pi', 'vnet_hdr']) report.field(name, data[name] === true, `${name} ${data[name] === true ? 'on' : 'off'} `);
  report.data('multi_queue', data.multi_queue === true);
  report.field('persist', data.persist === true, `persist ${data.persist === true ? 'on' : 'off'} `);
  if (data.user !== undefined) report.field('user', ownerName(data.user), `user ${ownerName(data.user)} `);
  if (data.group !== undefined) report.field('group', ownerName(data.group), `group ${ownerName(data.group)} `);
}

/** Everybody here is root. */
function ownerName(id: LinkAttribute): string {
  return Number(id) === 0 ? 'root' : String(id);
}
