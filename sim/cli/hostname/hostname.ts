import { strerror } from '../../base/errno.ts';
import { decode } from '../../base/bytes.ts';
import { formatIP } from '../../base/address.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { commandOf, flag, type Tool, valued } from '../tool/tool.ts';
import { HOSTNAME_USAGE } from './usage.ts';

/** `hostname` (hostname(1)): shows or sets the name of the UTS namespace. */
export const hostname: Tool = {
  name: 'hostname',
  suite: 'hostname 3.25',
  usage: ['[-b] {hostname|-F file}', '[-a|-A|-d|-f|-i|-I|-s]', ''],
  about: 'Show or set the host name.',
  usageStatus: 255,
  options: [
    flag('a', 'alias', 'alias names'),
    flag('A', 'all-fqdns', 'all long host names'),
    flag('b', 'boot', 'set default hostname if none available'),
    flag('d', 'domain', 'DNS domain name'),
    flag('f', 'fqdn', 'long host name'),
    { ...flag('', 'long', 'long host name'), name: 'fqdn' },
    valued('F', 'file', 'file', 'read host name from given file'),
    flag('i', 'ip-address', 'addresses for the host name'),
    flag('I', 'all-ip-addresses', 'all addresses for the host'),
    flag('s', 'short', 'short host name'),
  ],
  *main(call) {
    const { process, operands } = call;
    const file = call.value('file');
    if (file !== undefined) return yield* fromFile(call, file);
    if (operands.length > 1) {
      yield* call.complain(HOSTNAME_USAGE);
      return 255;
    }
    if (operands.length === 1) return yield* set(call, operands[0] as string);
    const name = process.namespaces.uts.hostname;
    if (call.has('all-ip-addresses'))
      return yield* print(call, `${globalAddresses(process).join(' ')}${globalAddresses(process).length > 0 ? ' ' : ''}`);
    if (call.has('all-fqdns')) return 0;
    if (call.has('ip-address', 'fqdn', 'domain', 'alias')) return yield* resolved(call, name);
    return yield* print(call, call.has('short') ? name.replace(/\..*/, '') : name);
  },
};

export const commands = [commandOf(hostname)];

function* print(call: Call, text: string): Blocking<number> {
  yield* call.out.write(`${text}\n`);
  return 0;
}

function* set(call: Call, name: string): Blocking<number> {
  if (!call.process.capable('SYS_ADMIN')) return yield* call.fail('you must be root to change the host name');
  if (name.length > 64) return yield* call.fail('name too long');
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) return yield* call.fail('the specified hostname is invalid');
  call.process.namespaces.uts.hostname = name;
  return 0;
}

function* fromFile(call: Call, file: string): Blocking<number> {
  const bytes = yield* call.process.readFile(file);
  if (typeof bytes === 'string') return yield* call.fail(strerror(bytes));
  const name = decode(bytes)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  return name === undefined ? 0 : yield* set(call, name);
}

/** Addresses of every interface but loopback and link-local ones (`-I`). */
function globalAddresses(process: Process): string[] {
  return openRtNetlink(process.namespaces.net)
    .addresses()
    .filter((info) => info.scope === 'global' && !info.tentative)
    .map((info) => formatIP(info.prefix.address));
}

/** What the resolver knows of the own name; only /etc/hosts is asked. */
function* resolved(call: Call, name: string): Blocking<number> {
  const bytes = yield* call.process.readFile('/etc/hosts');
  const lines =
    typeof bytes === 'string'
      ? []
      : decode(bytes)
          .split('\n')
          .map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  const known = lines.filter((words) => words.slice(1).includes(name));
  const first = known[0];
  if (!first) return yield* call.fail('Temporary failure in name resolution');
  const fqdn = first[1] as string;
  if (call.has('ip-address')) return yield* print(call, [...new Set(known.map((words) => words[0]))].join(' '));
  if (call.has('alias')) return yield* print(call, first.slice(2).join(' '));
  if (call.has('domain')) {
    const dot = fqdn.indexOf('.');
    return dot < 0 ? 0 : yield* print(call, fqdn.slice(dot + 1));
  }
  return yield* print(call, fqdn);
}
