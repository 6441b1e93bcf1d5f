import { formatIP, parseIPv6 } from '../../base/address.ts';

/** An http URL, taken apart. */
export interface Url {
  host: string;
  port: number;
  /** `HOST` or `HOST:PORT`, as the Host header wants it. */
  authority: string;
  target: string;
  user: string | undefined;
}

/** Schemes that the real programs know. */
const UNMODELLED = new Set(
  'dict file ftp ftps gopher gophers imap imaps ldap ldaps mqtt pop3 pop3s rtsp scp sftp smb smbs smtp smtps telnet tftp ws wss'.split(' '),
);

/** @returns curl's words and exit code for what it can't use; without a scheme, http is meant */
export function parseUrl(text: string): Url | { error: string; code: number } {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(text);
  const name = scheme?.[1]?.toLowerCase() ?? 'http';
  if (name === 'https') return { error: 'protocol https (TLS) is not modelled, see sim/FIDELITY.md', code: 1 };
  if (UNMODELLED.has(name)) return { error: `protocol ${name} is not modelled, see sim/FIDELITY.md`, code: 1 };
  if (name !== 'http') return { error: `Protocol "${name}" not supported`, code: 1 };
  const rest = text.slice(scheme?.[0].length ?? 0).replace(/#.*$/, '');
  const cut = rest.search(/[/?]/);
  const authority = cut < 0 ? rest : rest.slice(0, cut);
  const path = cut < 0 ? '/' : rest.slice(cut);
  const at = authority.lastIndexOf('@');
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority.slice(at + 1));
  if (/\s/.test(authority)) return { error: 'URL rejected: Malformed input to a URL function', code: 3 };
  if (rest === '') return { error: 'URL rejected: No host present', code: 3 };
  const host = match?.[1]?.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (!match || host === '') return { error: 'URL rejected: No host part in the URL', code: 3 };
  const digits = match[2] ?? '';
  if (digits !== '' && (!/^\d+$/.test(digits) || Number(digits) > 65_535))
    return { error: 'URL rejected: Port number was not a decimal number between 0 and 65535', code: 3 };
  const port = digits === '' ? 80 : Number(digits);
  const six = parseIPv6(host);
  const shown = six === undefined ? host : `[${formatIP(six)}]`;
  return {
    host,
    port,
    authority: port === 80 ? shown : `${shown}:${port}`,
    target: (path.startsWith('/') ? path : `/${path}`).replace(/ /g, '%20'),
    user: at < 0 ? undefined : authority.slice(0, at),
  };
}

/** A Location as it stands against the URL that it came from. */
export function resolveUrl(base: Url, location: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  if (location.startsWith('//')) return `http:${location}`;
  if (location.startsWith('/')) return `http://${base.authority}${location}`;
  return `http://${base.authority}${base.target.replace(/[?#].*$/, '').replace(/[^/]*$/, '')}${location}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += `${ALPHABET[word >>> 18]}${ALPHABET[(word >>> 12) & 63]}${left > 1 ? ALPHABET[(word >>> 6) & 63] : '='}${left > 2 ? ALPHABET[word & 63] : '='}`;
  }
  return text;
}
