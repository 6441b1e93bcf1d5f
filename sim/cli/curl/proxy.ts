import { parseIP, parsePrefix, samePrefix } from '../../base/address.ts';
import type { Process } from '../../host/process.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { parseUrl, type Url } from '../http/url.ts';

/** An HTTP proxy: where it is, and `USER:PASSWORD` for it. */
export interface HttpProxy {
  host: string;
  port: number;
  user: string | undefined;
}

/** curl's port for proxies that come without one and without a scheme. */
const DEFAULT_PORT = 1080;

/**
 * The proxy for a URL: -x, else `http_proxy` or `all_proxy` of the environment, unless --noproxy or `no_proxy` names the host.
 *
 * @returns the failure's exit code and text for what can't be used
 */
export function proxyFor(process: Process, parsed: Parsed, url: Url): HttpProxy | { code: number; text: string } | undefined {
  const { env } = process;
  const spared = optionValue(parsed, 'noproxy') ?? env.get('no_proxy') ?? env.get('NO_PROXY') ?? '';
  const fromEnvironment = env.get('http_proxy') || env.get('all_proxy') || env.get('ALL_PROXY');
  const given = optionValue(parsed, 'proxy') ?? fromEnvironment ?? '';
  if (given === '' || hasOption(parsed, 'unix-socket') || isSpared(url.host, spared)) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http') {
    const known = /^(https|socks4a?|socks5h?)$/.test(scheme);
    const why = known ? `proxies of the scheme ${scheme} are not modelled, see sim/FIDELITY.md` : `Unsupported proxy scheme for '${given}'`;
    return { code: 7, text: why };
  }
  const place = parseUrl(scheme === undefined ? `http://${given}` : given);
  if ('error' in place) return { code: 5, text: `Unsupported proxy syntax in '${given}'` };
  const authority = given.replace(/^[a-z]+:\/\//i, '').split('/')[0] as string;
  const port = scheme === undefined && !/:\d+$/.test(authority) ? DEFAULT_PORT : place.port;
  return { host: place.host, port, user: optionValue(parsed, 'proxy-user') ?? place.user };
}

/** Whether a host is in a list of names (with what lies below them), addresses and prefixes; `*` spares all. */
function isSpared(host: string, list: string): boolean {
  const address = parseIP(host);
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    if (entry === '') return false;
    if (address === undefined) {
      const name = entry.replace(/^\./, '').toLowerCase();
      return host.toLowerCase() === name || host.toLowerCase().endsWith(`.${name}`);
    }
    const prefix = parsePrefix(entry);
    return prefix !== undefined && typeof prefix.address === typeof address && samePrefix(prefix.address, address, prefix.length);
  });
}

/** Where to connect instead (--connect-to HOST:PORT:HOST:PORT, empty parts standing for any or the same). */
export function connectTarget(parsed: Parsed, url: Url): Url {
  for (const { name, value } of parsed.options) {
    const match = name === 'connect-to' ? /^(\[[^\]]*\]|[^:]*):(\d*):(\[[^\]]*\]|[^:]*):(\d*)$/.exec(value) : undefined;
    if (!match) continue;
    const [host = '', port = '', toHost = '', toPort = ''] = match.slice(1).map((part) => part.replace(/^\[(.*)\]$/, '$1'));
    if ((host !== '' && host !== url.host) || (port !== '' && Number(port) !== url.port)) continue;
    return { ...url, host: toHost || url.host, port: Number(toPort || url.port) };
  }
  return url;
}
