import { percentEncode } from '../../base/percent.ts';
import { decode } from '../../base/bytes.ts';

/** A request's target, taken apart. */
export interface Target {
  /** Decoded, without dots and doubled slashes. */
  uri: string;
  /** After the question mark. */
  args: string;
  hasArgs: boolean;
  /** An absolute URL names its host. */
  host: string | undefined;
}

/** Parses a request target; `undefined` for one that is answered 400 (ngx_http_parse.c). */
export function parseTarget(target: string, mergeSlashes: boolean): Target | undefined {
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)(.*)$/s.exec(target);
  let rest = absolute ? (absolute[2] as string) || '/' : target;
  if (rest.startsWith('?')) rest = `/${rest}`;
  if (!rest.startsWith('/')) return undefined;
  const question = rest.indexOf('?');
  const path = (question < 0 ? rest : rest.slice(0, question)).replace(/#.*$/s, '');
  const args = question < 0 ? '' : rest.slice(question + 1).replace(/#.*$/s, '');
  const decoded = percentDecode(path);
  if (decoded === undefined || decoded.includes('\0')) return undefined;
  const uri = normalise(decoded, mergeSlashes);
  return uri === undefined ? undefined : { uri, args, hasArgs: question >= 0, host: absolute?.[1] };
}

function percentDecode(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    decode(Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))),
  );
}

function normalise(path: string, mergeSlashes: boolean): string | undefined {
  const parts: string[] = [];
  const pieces = path.split('/').slice(1);
  for (const [i, part] of pieces.entries()) {
    const last = i === pieces.length - 1;
    if (part === '..') {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else if (part !== '.' && (part !== '' || !mergeSlashes)) parts.push(part);
    if (last && (part === '..' || part === '.' || (part === '' && mergeSlashes))) parts.push('');
  }
  return `/${parts.join('/')}`;
}

/** Escapes what may not stand in a URI (ngx_escape_uri). */
export function escapeUri(uri: string): string {
  return uri.replace(/[^\x21-\x7e]|["#%<>?\\^`{|}]/gu, (c) =>
    (c.codePointAt(0) as number) < 0x80 ? `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : percentEncode(c),
  );
}
