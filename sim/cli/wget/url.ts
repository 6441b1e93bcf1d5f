import { formatIP, parseIPv6 } from '../../base/address.ts';
import { byteString, textOf } from '../tool/byte-string.ts';

/** An http URL as wget keeps it. */
export interface WgetUrl {
  /** In small letters, an IPv6 address without brackets. */
  host: string;
  port: number;
  /** Without the first slash, dots resolved, as it is sent. */
  path: string;
  query: string | undefined;
  fragment: string | undefined;
  user: string | undefined;
  password: string | undefined;
}

const DEFAULT_PORT = 80;

/** Schemes of the real one that would need a protocol that isn't modelled. */
const UNMODELLED = /^(https|ftps?)$/;

export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
}

/** Whether a character can't stand in a URL as it is (urlchr_unsafe, reserved ones left out). */
const NEEDS_ESCAPING = /[\x00-\x20"<>\\^`{|}\x7f-\xff]|%(?![0-9a-fA-F]{2})/g;

/** Escapes what can't stand in a URL, and leaves escapes as they are (reencode_escapes). */
export function escapeUrl(text: string): string {
  return byteString(text).replace(NEEDS_ESCAPING, percent);
}

const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Escapes all that would end a name or a password. */
function escapeName(text: string): string {
  return escapeUrl(text).replace(/[;/?:@=&#[\]+$,]/g, percent);
}

export function unescapeUrl(text: string): string {
  if (!text.includes('%')) return text;
  const plain = byteString(text).replace(/%([0-9a-fA-F]{2})/g, (all, hex: string) =>
    hex === '00' ? all : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return textOf(plain);
}

/** Escapes of characters that need none are undone in a path (url_unescape_except_reserved). */
function unescapeHarmless(path: string): string {
  return path.replace(/%([2-7][0-9a-fA-F])/g, (all, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9\-._~!*'()]/.test(char) ? char : all;
  });
}

/** `.` and `..` resolved, never beyond the beginning (path_simplify). */
function simplify(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/');
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part === '.' || part === '..') {
      if (part === '..') kept.pop();
      if (last) kept.push('');
    } else kept.push(part);
  });
  return kept.join('/');
}

/** @returns wget's words for what it can't use, without a full stop */
export function parseWgetUrl(given: string): WgetUrl | { error: string } {
  const scheme = schemeOf(given);
  if (scheme === undefined) return { error: 'Scheme missing' };
  if (UNMODELLED.test(scheme)) return { error: `protocol ${scheme} is not modelled, see sim/FIDELITY.md` };
  if (scheme !== 'http' || !/^http:\/\//i.test(given)) return { error: 'Unsupported scheme' };
  const rest = escapeUrl(given).slice(7);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const [, beforeFragment = '', fragment] = /^([^#]*)(?:#(.*))?$/s.exec(end < 0 ? '' : rest.slice(end)) ?? [];
  const [, rawPath = '', query] = /^\/?([^?]*)(?:\?(.*))?$/s.exec(beforeFragment) ?? [];
  const at = authority.lastIndexOf('@');
  const place = placeOf(authority.slice(at + 1));
  if ('error' in place) return place;
  const [user, password] = at < 0 ? [] : credentials(authority.slice(0, at));
  if (at >= 0 && !user) return { error: 'Invalid user name' };
  return { ...place, path: simplify(unescapeHarmless(rawPath)), query, fragment, user, password };
}

function credentials(text: string): [string, string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [unescapeUrl(text), undefined] : [unescapeUrl(text.slice(0, colon)), unescapeUrl(text.slice(colon + 1))];
}

function placeOf(text: string): { host: string; port: number } | { error: string } {
  const bracketed = text.startsWith('[');
  const close = text.indexOf(']');
  if (bracketed && close < 0) return { error: 'Unterminated IPv6 numeric address' };
  const [, name = '', colon, digits = ''] = /^(\[.*?\]|[^:]*)(:)?(.*)$/s.exec(text) ?? [];
  const host = bracketed ? name.slice(1, -1) : unescapeUrl(name).toLowerCase();
  if (bracketed && parseIPv6(host) === undefined) return { error: 'Invalid IPv6 numeric address' };
  if (host === '' || (colon === undefined && digits !== '')) return { error: 'Invalid host name' };
  if (!/^\d*$/.test(digits) || Number(digits) > 65_535) return { error: 'Bad port number' };
  return { host, port: digits === '' ? DEFAULT_PORT : Number(digits) };
}

export function isDefaultPort(url: WgetUrl): boolean {
  return url.port === DEFAULT_PORT;
}

/** `HOST`, `HOST:PORT` or `[::1]:PORT`, as the Host header wants it. */
export function authorityOf({ host, port }: { host: string; port: number }): string {
  const six = parseIPv6(host);
  const shown = six === undefined ? host : `[${formatIP(six)}]`;
  return port === DEFAULT_PORT ? shown : `${shown}:${port}`;
}

/** Path and query as a request has them. */
export function targetOf({ path, query }: WgetUrl): string {
  return `/${path}${query === undefined ? '' : `?${query}`}`;
}

/** The URL in its plain form, without a fragment. @param passwords whether a password shows, or stars in its place */
export function urlText(url: WgetUrl, passwords = true): string {
  const { user, password } = url;
  const secret = password === undefined ? '' : `:${passwords ? escapeName(password) : '*password*'}`;
  return `http://${user === undefined ? '' : `${escapeName(user)}${secret}@`}${authorityOf(url)}${targetOf(url)}`;
}

/** The directory of the path, without slashes at its ends, and what follows it. */
export function splitPath(path: string): { directory: string; file: string } {
  const slash = path.lastIndexOf('/');
  return { directory: slash < 0 ? '' : path.slice(0, slash), file: path.slice(slash + 1) };
}

/** A link as it stands against the URL of the page that holds it (uri_merge). */
export function mergeUrl(base: string, link: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return link;
  if (link === '') return base;
  const path = base.replace(/[?#].*$/s, '');
  if (link.startsWith('?')) return path + link;
  if (link.startsWith('#')) return base.replace(/#.*$/s, '') + link;
  if (link.startsWith('//')) return `${schemeOf(base) ?? 'http'}:${link}`;
  const [, root = '', inside = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/]*)?(.*)$/is.exec(path) ?? [];
  if (link.startsWith('/')) return root + link;
  return `${root}${inside.slice(0, inside.lastIndexOf('/') + 1) || (root === '' ? '' : '/')}${link}`;
}
