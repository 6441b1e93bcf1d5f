import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import type { Process } from '../../host/process.ts';
import { accountLines } from './accounts.ts';
import { stat } from './filesystem.ts';

/** A line of a file of /etc by its words, comments taken off. */
function fieldsOf(process: Process, path: string): string[][] {
  const inode = stat(process, path);
  if (!(inode instanceof RegularFile)) return [];
  return decode(inode.bytes)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

/** Where labels of connections have their names. */
export const LABELS = '/etc/xtables/connlabel.conf';

/** Labels of connections as a file names them, `NUMBER NAME` a line; `undefined` if there is no such file. */
export function labelsIn(process: Process, path: string): ReadonlyMap<string, number> | undefined {
  if (!(stat(process, path) instanceof RegularFile)) return undefined;
  const labels = new Map<string, number>();
  for (const [number = '', name] of fieldsOf(process, path))
    if (/^\d+$/.test(number) && name !== undefined && Number(number) < 128) labels.set(name, Number(number));
  return labels;
}

/** Reads a file when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Names as this machine's files have them: services(5), protocols(5), hosts(5), passwd(5), group(5). */
export function fileLookup(process: Process): Lookup {
  const services = once(() =>
    fieldsOf(process, '/etc/services').map(([name = '', port = '', ...aliases]) => ({ names: [name, ...aliases], port })),
  );
  const protocols = once(() =>
    fieldsOf(process, '/etc/protocols').map(([name = '', number = '', ...aliases]) => ({
      names: [name, ...aliases],
      number: Number(number),
    })),
  );
  const hosts = once(() =>
    fieldsOf(process, '/etc/hosts').flatMap(([address = '', ...names]) => {
      const parsed = parseIP(address);
      return parsed === undefined ? [] : [{ address: parsed, names }];
    }),
  );
  const users = once(() => accountLines(process, '/etc/passwd'));
  const groups = once(() => accountLines(process, '/etc/group'));
  const labels = once(() => labelsIn(process, LABELS));
  const connlabels = once(() => labelsIn(process, '/etc/connlabel.conf'));
  const idOf = (lines: string[][], name: string) => {
    const id = lines.find((fields) => fields[0] === name)?.[2];
    return id === undefined ? undefined : Number(id);
  };
  const nameOf = (lines: string[][], id: number) => lines.find((fields) => fields[2] === String(id))?.[0];
  return {
    port(name, protocol) {
      const entry = services().find((one) => one.names.includes(name) && (protocol === undefined || one.port.endsWith(`/${protocol}`)));
      return entry && Number(entry.port.split('/')[0]);
    },
    portName: (port, protocol) =>
      services().find((one) => (protocol === undefined ? one.port.startsWith(`${port}/`) : one.port === `${port}/${protocol}`))?.names[0],
    user: (name) => idOf(users(), name),
    userName: (id) => nameOf(users(), id),
    group: (name) => idOf(groups(), name),
    groupName: (id) => nameOf(groups(), id),
    protocol: (name) => protocols().find((one) => one.names.includes(name))?.number,
    protocolName: (number) => protocols().find((one) => one.number === number)?.names[0],
    host: (name, family) =>
      hosts()
        .filter((one) => one.names.includes(name) && (typeof one.address === 'bigint') === (family === 6))
        .map((one) => one.address),
    labels,
    connlabels,
    hostName: (address: IP) => hosts().find((one) => formatIP(one.address) === formatIP(address))?.names[0],
  };
}
