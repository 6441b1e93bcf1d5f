import { formatIP, type IP, parseIP } from '../../base/address.ts';

export interface Address {
  address: IP;
  port: number;
}

/** `1.2.3.4:80`, `[::1]:80`. */
export function addressText({ address, port }: Address): string {
  return typeof address === 'bigint' ? `[${formatIP(address)}]:${port}` : `${formatIP(address)}:${port}`;
}

/** A host and port as URLs and `listen` have them; `port` is absent when none is written, and `'bad'` when it is none. */
export function splitHostPort(text: string): { host: string; port: number | 'bad' | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*)(?::(.*))?$/.exec(text);
  const [, host = '', port] = bracketed ?? plain ?? [];
  if (port === undefined) return { host, port: undefined };
  return { host, port: /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535 ? Number(port) : 'bad' };
}

/** What `listen` names: a port, an address or both. */
export function parseListen(text: string): Address | { error: string } {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    return port >= 1 && port <= 65_535 ? { address: 0, port } : { error: 'invalid port' };
  }
  const { host, port } = splitHostPort(text);
  if (port === 'bad') return { error: 'invalid port' };
  if (host === '') return { error: 'no host' };
  const address = host === '*' ? 0 : host === 'localhost' ? 0x7f00_0001 : parseIP(host);
  return address === undefined ? { error: 'host not found' } : { address, port: port ?? 80 };
}
