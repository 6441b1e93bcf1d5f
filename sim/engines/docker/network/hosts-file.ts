/** The lines that every container's /etc/hosts starts with. */
const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** One line of hosts(5). */
export interface HostsEntry {
  address: string;
  names: string;
}

/** A container's /etc/hosts: the local names, `--add-host`, then its own name under each of its addresses. */
export function containerHosts(extra: readonly HostsEntry[], own: readonly HostsEntry[]): string {
  return [...LOCAL, ...[...extra, ...own].map((entry) => `${entry.address}\t${entry.names}`)].map((line) => `${line}\n`).join('');
}

/** `--add-host NAME:ADDRESS` or `NAME=ADDRESS`; `host-gateway` stands for the default bridge's address. */
export function extraHost(text: string, hostGateway: string): HostsEntry {
  const at = text.search(/[:=]/);
  const address = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  return { address: address === 'host-gateway' ? hostGateway : address, names: text.slice(0, at) };
}
