/** A cookie as jars keep it (RFC 6265 §5.3). */
export interface Cookie {
  domain: string;
  /** Subdomains get it, too. */
  tail: boolean;
  path: string;
  secure: boolean;
  /** Seconds since 1970; 0 for the end of the session. */
  expires: number;
  name: string;
  value: string;
}

/** Where a request goes: the host's name, and the target with its query. */
export interface CookiePlace {
  host: string;
  target: string;
}

/** Cookies of a run: those of files and those that answers set. */
export class CookieJar {
  readonly cookies: Cookie[] = [];

  put(cookie: Cookie): void {
    const same = this.cookies.findIndex(
      ({ name, domain, path }) => name === cookie.name && domain === cookie.domain && path === cookie.path,
    );
    if (same >= 0) this.cookies[same] = cookie;
    else this.cookies.push(cookie);
  }

  /** A line of a Netscape cookie file; remarks are left out. */
  readLine(line: string): void {
    const [domain = '', tail, path = '', secure, expires, name, value = ''] = line.replace(/^#HttpOnly_/, '').split('\t');
    if (name === undefined || line.startsWith('# ')) return;
    this.put({
      domain: domain.replace(/^\./, ''),
      tail: tail === 'TRUE',
      path,
      secure: secure === 'TRUE',
      expires: Number(expires),
      name,
      value,
    });
  }

  /** A Set-Cookie header of an answer (RFC 6265 §5.2). @param now seconds since 1970 */
  take(header: string, url: CookiePlace, now: number): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    if (equals <= 0) return;
    const target = url.target.replace(/[?#].*/, '');
    const cookie: Cookie = {
      domain: url.host,
      tail: false,
      path: target.slice(0, target.lastIndexOf('/')) || '/',
      secure: false,
      expires: 0,
      name: pair.slice(0, equals),
      value: pair.slice(equals + 1),
    };
    for (const attribute of attributes) {
      const [, key = '', value = ''] = /^([^=]*)=?(.*)$/.exec(attribute) ?? [];
      if (key.toLowerCase() === 'path' && value.startsWith('/')) cookie.path = value;
      if (key.toLowerCase() === 'secure') cookie.secure = true;
      if (key.toLowerCase() === 'max-age') cookie.expires = now + Number(value);
      if (key.toLowerCase() !== 'domain' || value === '') continue;
      const domain = value.replace(/^\./, '');
      if (url.host !== domain && !url.host.endsWith(`.${domain}`)) return;
      Object.assign(cookie, { domain, tail: !/^[\d.]+$/.test(domain) });
    }
    this.put(cookie);
  }

  /** `NAME=VALUE` of each that a request takes along, the longest path first. */
  pairsFor({ host, target }: CookiePlace): string[] {
    const path = target.replace(/[?#].*/, '');
    return this.cookies
      .filter(
        (cookie) =>
          (cookie.domain === host || (cookie.tail && host.endsWith(`.${cookie.domain}`))) &&
          (path === cookie.path || path.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`)) &&
          !cookie.secure,
      )
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`);
  }

  /** Lines of a Netscape cookie file. @param domainOf how the domain is written */
  lines(domainOf: (cookie: Cookie) => string): string[] {
    const word = (flag: boolean) => (flag ? 'TRUE' : 'FALSE');
    return this.cookies.map((cookie) => {
      const { tail, path, secure, expires, name, value } = cookie;
      return `${domainOf(cookie)}\t${word(tail)}\t${path}\t${word(secure)}\t${expires}\t${name}\t${value}\n`;
    });
  }
}
