import { strerror } from '../../base/errno.ts';
import { decode } from '../../base/bytes.ts';
import { formatIP } from '../../base/address.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { resolveName } from '../name-resolution.ts';
import type { Call } from '../tool/call.ts';
import { commandOf, flag, type Tool, valued } from '../tool/tool.ts';
import { HOSTNAME_USAGE } from './usage.ts';

/** hostname(1) and its other names, which show something else when nothing is asked for. */
function program(name: string, shown: 'name' | 'dns' | 'nis'): Tool {
  return {
    name,
    suite: 'hostname 3.25',
    usage: [],
    about: 'Show or set the host name.',
    helpText: HOSTNAME_USAGE,
    usageStatus: 255,
    options: [
      flag('a', 'alias', 'alias names'),
      flag('A', 'all-fqdns', 'all long host names'),
      flag('b', 'boot', 'set default hostname if none available'),
      flag('d', 'domain', 'DNS domain name'),
      flag('f', 'fqdn', 'long host name'),
      { ...flag('', 'long', 'long host name'), name: 'fqdn' },
      valued('F', 'file', 'file', 'read host name from given file'),
      flag('h', 'help', 'print help'),
      flag('i', 'ip-address', 'addresses for the host name'),
      flag('I', 'all-ip-addresses', 'all addresses for the host'),
      flag('s', 'short', 'short host name'),
      flag('V', 'version', 'print version'),
      flag('y', 'yp', 'NIS domain name'),
      { ...flag('', 'nis', 'NIS domain name'), name: 'yp' },
    ],
    *main(call) {
      const nis = shown === 'nis' || call.has('yp');
      const file = call.value('file');
      if (file !== undefined) return yield* fromFile(call, file, nis);
      if (call.operands.length > 1) return yield* call.badUsage('');
      const [operand] = call.operands;
      if (operand !== undefined && shown !== 'dns') return yield* set(call, operand, nis);
      if (nis) return yield* showNis(call);
      return yield* show(call, shown === 'dns' ? 'domain' : call.last(...SHOWN));
    },
  };
}

const SHOWN = ['alias', 'all-fqdns', 'domain', 'fqdn', 'ip-address', 'all-ip-addresses', 'short'];

/** `hostname` (hostname(1)): shows or sets the name of the UTS namespace. */
export const hostname = program('hostname', 'name');
export const commands = [
  hostname,
  program('dnsdomainname', 'dns'),
  ...['domainname', 'nisdomainname', 'ypdomainname'].map((name) => program(name, 'nis')),
].map(commandOf);

function* show(call: Call, what: string | undefined): Blocking<number> {
  const name = call.process.namespaces.uts.hostname;
  switch (what) {
    case undefined:
      return yield* print(call, name);
    case 'short':
      return yield* print(call, name.replace(/\..*/, ''));
    case 'all-ip-addresses':
      return yield* print(
        call,
        globalAddresses(call.process)
          .map((address) => `${address} `)
          .join(''),
      );
    case 'all-fqdns':
      return yield* print(call, '');
    default:
      return yield* resolved(call, name, what);
  }
}

/** The kernel's own name for an unset domain, which only `domainname` itself prints. */
function* showNis(call: Call): Blocking<number> {
  const name = call.process.namespaces.uts.domainname;
  if (name === undefined && call.tool.name !== 'domainname') return yield* call.fail('Local domain name not set');
  return yield* print(call, name ?? '(none)');
}

function* print(call: Call, text: string): Blocking<number> {
  yield* call.out.write(`${text}\n`);
  return 0;
}

function* set(call: Call, name: string, nis: boolean): Blocking<number> {
  if (!call.process.capable('SYS_ADMIN', call.process.namespaces.uts))
    return yield* call.fail(`you must be root to change the ${nis ? 'domain' : 'host'} name`);
  if (name.length > 64) return yield* call.fail('name too long');
  if (nis) call.process.namespaces.uts.domainname = name;
  else if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) return yield* call.fail('the specified hostname is invalid');
  else call.process.namespaces.uts.hostname = name;
  return 0;
}

function* fromFile(call: Call, file: string, nis: boolean): Blocking<number> {
  const bytes = yield* call.process.readFile(file);
  if (typeof bytes === 'string') return yield* call.fail(strerror(bytes));
  const name = decode(bytes)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  return yield* set(call, name ?? '', nis);
}

/** Addresses of every interface but loopback and link-local ones (`-I`). */
function globalAddresses(process: Process): string[] {
  return openRtNetlink(process.namespaces.net)
    .addresses()
    .filter((info) => info.scope === 'global' && !info.tentative)
    .map((info) => formatIP(info.prefix.address));
}

/** What the resolver knows of the own name; aliases are those of /etc/hosts. */
function* resolved(call: Call, name: string, what: string): Blocking<number> {
  const found = yield* resolveName(call.process, name);
  if (typeof found === 'string') return yield* call.fail('Temporary failure in name resolution');
  if (what === 'ip-address') return yield* print(call, found.addresses.map(formatIP).join(' '));
  if (what === 'alias') return yield* print(call, (yield* namesInHosts(call.process, name)).slice(1).join(' '));
  if (what === 'fqdn') return yield* print(call, found.name);
  const dot = found.name.indexOf('.');
  return dot < 0 ? 0 : yield* print(call, found.name.slice(dot + 1));
}

function* namesInHosts(process: Process, name: string): Blocking<string[]> {
  const bytes = yield* process.readFile('/etc/hosts');
  if (typeof bytes === 'string') return [];
  const lines = decode(bytes).split('\n');
  const names = lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1));
  return names.find((words) => words.includes(name)) ?? [];
}
