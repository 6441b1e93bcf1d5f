import { concat, decode, encode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';

/** What a request carries. */
export interface Body {
  bytes: Uint8Array;
  /** Absent for uploads, whose type curl doesn't know. */
  type: string | undefined;
  method: 'POST' | 'PUT';
}

/** A transfer that can't begin. */
export interface Unreadable {
  code: number;
  text: string;
}

const DATA: readonly string[] = ['data', 'data-raw', 'data-binary', 'data-urlencode', 'json'];

/** The data of -d and its kin as one text: JSON side by side, others joined by `&`. */
export function joinedData(parsed: Parsed): string | undefined {
  const parts = parsed.options.filter(({ name }) => DATA.includes(name));
  return (
    parts.map(({ name, value }, i) => (i > 0 && name !== 'json' ? `&${value}` : value)).join('') || (parts.length > 0 ? '' : undefined)
  );
}

/** What goes into the URL: --url-query, and all data with -G. */
export function queryOf(parsed: Parsed): string {
  const parts = parsed.options.filter(({ name }) => name === 'url-query').map(({ value }) => urlEncodeData(value));
  const data = hasOption(parsed, 'get') ? joinedData(parsed) : undefined;
  return [...(data === undefined ? [] : [data]), ...parts].join('&');
}

/** The body that the options make, for the URL that is asked for. */
export function* readBody(process: Process, parsed: Parsed, random: string): Blocking<Body | Unreadable | undefined> {
  if (hasOption(parsed, 'form')) return yield* form(process, parsed, random);
  const upload = optionValue(parsed, 'upload-file');
  if (upload !== undefined) {
    const bytes = yield* process.readFile(fileOf(upload));
    return typeof bytes === 'string' ? UNREADABLE : { bytes, type: undefined, method: 'PUT' };
  }
  const data = hasOption(parsed, 'get') ? undefined : joinedData(parsed);
  if (data === undefined) return undefined;
  const type = hasOption(parsed, 'json') ? 'application/json' : 'application/x-www-form-urlencoded';
  return { bytes: encode(data), type, method: 'POST' };
}

const UNREADABLE: Unreadable = { code: 26, text: 'Failed to open/read local data from file/application' };

function fileOf(name: string): string {
  return name === '-' || name === '.' ? '/dev/stdin' : name;
}

/** Letters, digits and -._~ stand for themselves, a space becomes `+`. */
export function urlEncode(text: string): string {
  let out = '';
  for (const byte of encode(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9._~-]/.test(char)) out += char;
    else out += char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** `NAME=TEXT`, `=TEXT` or `TEXT`; the name stays as it is. */
export function urlEncodeData(value: string): string {
  const equals = value.indexOf('=');
  if (equals < 0) return urlEncode(value);
  const name = value.slice(0, equals);
  return `${name === '' ? '' : `${name}=`}${urlEncode(value.slice(equals + 1))}`;
}

/**
 * The options' files read: `-d @FILE` without line ends, --data-binary and --json as they are, --data-urlencode encoded.
 *
 * @param hint the last line of a complaint
 * @returns an exit status if one can't be read
 */
export function* readDataFiles(process: Process, parsed: Parsed, hint: string): Blocking<number | undefined> {
  for (const option of parsed.options) {
    const { name, value } = option;
    const [, label, file] = name === 'data-urlencode' ? (/^([^@=]*)@(.*)$/s.exec(value) ?? []) : (/^()@(.*)$/s.exec(value) ?? []);
    if (!['data', 'data-binary', 'json', 'data-urlencode'].includes(name)) continue;
    if (file === undefined) {
      if (name === 'data-urlencode') option.value = urlEncodeData(value);
      continue;
    }
    const bytes = yield* process.readFile(fileOf(file));
    if (typeof bytes === 'string') {
      const letter = name === 'data' ? '-d' : `--${name}`;
      yield* process.write(2, `curl: Failed to open ${file}\ncurl: option ${letter}: error encountered when reading a file\n${hint}`);
      return 26;
    }
    const text = decode(bytes);
    if (name === 'data') option.value = text.replace(/[\r\n]/g, '');
    else option.value = name === 'data-urlencode' ? `${label ? `${label}=` : ''}${urlEncode(text)}` : text;
  }
  return undefined;
}

/** -F: parts between boundaries (RFC 7578). `@FILE` sends a file under its name, `<FILE` only its text. */
function* form(process: Process, parsed: Parsed, random: string): Blocking<Body | Unreadable> {
  const boundary = `------------------------${random}`;
  const parts: Uint8Array[] = [];
  for (const { name, value } of parsed.options) {
    if (name !== 'form' && name !== 'form-string') continue;
    const equals = value.indexOf('=');
    const field = value.slice(0, Math.max(0, equals));
    const [content = '', ...settings] = name === 'form' ? value.slice(equals + 1).split(';') : [value.slice(equals + 1)];
    const set = (key: string) =>
      settings
        .find((each) => each.trim().startsWith(`${key}=`))
        ?.trim()
        .slice(key.length + 1);
    const file = name === 'form' && /^[@<]/.test(content) ? content.slice(1) : undefined;
    const bytes = file === undefined ? encode(content) : yield* process.readFile(fileOf(file));
    if (typeof bytes === 'string') return UNREADABLE;
    const sent = content.startsWith('@') && name === 'form';
    const called = set('filename') ?? (sent ? (file ?? '').replace(/.*\//, '') : undefined);
    const type = set('type') ?? (sent ? fileType(file ?? '') : undefined);
    const head = `Content-Disposition: form-data; name="${field}"${called === undefined ? '' : `; filename="${called}"`}\r\n`;
    parts.push(encode(`--${boundary}\r\n${head}${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`), bytes, encode('\r\n'));
  }
  parts.push(encode(`--${boundary}--\r\n`));
  return { bytes: concat(parts), type: `multipart/form-data; boundary=${boundary}`, method: 'POST' };
}

const TYPES: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  htm: 'text/html',
  html: 'text/html',
  pdf: 'application/pdf',
  xml: 'application/xml',
};

function fileType(name: string): string {
  return TYPES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}
