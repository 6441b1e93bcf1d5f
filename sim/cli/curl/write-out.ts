import type { Micros } from '../../base/time.ts';
import { type HttpHeader, headerValue } from '../../wire/http.ts';

/** What is known of a transfer at its end. */
export interface Facts {
  status: number;
  url: string;
  size: number;
  uploaded: number;
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
  contentType: string;
  redirects: number;
  method: string;
  headers: readonly HttpHeader[];
  headerBytes: number;
  requestBytes: number;
  /** Where an answer points to that was not followed. */
  redirectUrl: string;
  /** The file that was written. */
  output: string;
  /** Which of the operation's URLs it is, from 0. */
  number: number;
  /** Since the start. */
  times: { lookup?: Micros; connect?: Micros; start?: Micros; total?: Micros };
}

/** Before anything has happened. */
export const NO_FACTS: Facts = {
  status: 0,
  url: '',
  size: 0,
  uploaded: 0,
  remoteAddress: '',
  remotePort: 0,
  localAddress: '',
  localPort: 0,
  contentType: '',
  redirects: 0,
  method: '',
  headers: [],
  headerBytes: 0,
  requestBytes: 0,
  redirectUrl: '',
  output: '',
  number: 0,
  times: {},
};

export function isVariable(name: string): boolean {
  return name === 'json' || Object.hasOwn(variablesOf(NO_FACTS, 0, ''), name);
}

/** Text for standard output (1) or error (2). */
export interface WriteOut {
  stream: 1 | 2;
  text: string;
}

/**
 * Expands -w: `%{variable}`, `%%`, and the escapes \n \r \t. Unknown variables are left out, with the rest as it stands.
 * `%{stderr}` and `%{stdout}` say where what follows goes, `%{onerror}` that it is for failures only.
 */
export function expandWriteOut(format: string, facts: Facts, exitCode: number, message: string): WriteOut[] {
  const [always = '', ...onError] = format.split('%{onerror}');
  const shown = exitCode === 0 ? always : [always, ...onError].join('');
  let stream: 1 | 2 = 1;
  return shown.split(/(%\{(?:stdout|stderr)\})/).flatMap((part): WriteOut[] => {
    if (part === '%{stdout}' || part === '%{stderr}') {
      stream = part === '%{stderr}' ? 2 : 1;
      return [];
    }
    return part === '' ? [] : [{ stream, text: expand(part, facts, exitCode, message) }];
  });
}

function expand(format: string, facts: Facts, exitCode: number, message: string): string {
  const variables = variablesOf(facts, exitCode, message);
  return format.replace(/%%|%header\{([^}]*)\}|%\{(\w+)\}|\\([nrt])/g, (whole, header?: string, name?: string, letter?: string) => {
    if (header !== undefined) return headerValue(facts.headers, header) ?? '';
    if (name === 'json') return json(variables);
    if (whole === '%%') return '%';
    if (letter !== undefined) return { n: '\n', r: '\r', t: '\t' }[letter] as string;
    return variables[name as string] ?? '';
  });
}

function variablesOf(facts: Facts, exitCode: number, message: string): Record<string, string> {
  const seconds = (time: Micros | undefined): string => ((time ?? 0) / 1_000_000).toFixed(6);
  const { times } = facts;
  return {
    http_code: String(facts.status).padStart(3, '0'),
    response_code: String(facts.status).padStart(3, '0'),
    url_effective: facts.url,
    url: facts.url,
    size_download: String(facts.size),
    size_upload: String(facts.uploaded),
    remote_ip: facts.remoteAddress,
    remote_port: String(facts.remotePort),
    local_ip: facts.localAddress,
    local_port: String(facts.localPort),
    content_type: facts.contentType,
    num_redirects: String(facts.redirects),
    method: facts.method,
    num_connects: String(facts.remoteAddress === '' ? 0 : facts.redirects + 1),
    speed_download: String(rate(facts.size, times.total)),
    speed_upload: String(rate(facts.uploaded, times.total)),
    ssl_verify_result: '0',
    urlnum: String(facts.number),
    http_version: facts.status === 0 ? '0' : '1.1',
    exitcode: String(exitCode),
    errormsg: message,
    scheme: 'http',
    redirect_url: facts.redirectUrl,
    filename_effective: facts.output,
    http_connect: '000',
    proxy_used: '0',
    proxy_ssl_verify_result: '0',
    num_headers: String(facts.headers.length),
    size_header: String(facts.headerBytes),
    size_request: String(facts.requestBytes),
    referer: '',
    conn_id: '0',
    xfer_id: '0',
    num_retries: '0',
    num_certs: '0',
    certs: '',
    header_json: headerJson(facts.headers),
    onerror: '',
    stdout: '',
    stderr: '',
    time_namelookup: seconds(times.lookup),
    time_connect: seconds(times.connect),
    time_appconnect: seconds(0),
    time_pretransfer: seconds(times.connect),
    time_starttransfer: seconds(times.start),
    time_total: seconds(times.total),
    time_redirect: seconds(0),
  };
}

/** Each name in small letters once, with all its values. */
function headerJson(headers: readonly HttpHeader[]): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), value]);
  return `{${[...values].map(([name, list]) => `"${name}":${JSON.stringify(list)}`).join(',\n')}\n}`;
}

/** Every variable but those that are JSON themselves, in the order of their names; numbers as such. */
function json(variables: Record<string, string>): string {
  const left = ['header_json', 'onerror', 'stdout', 'stderr', 'certs'];
  const names = Object.keys(variables).filter((name) => !left.includes(name));
  const pairs = names.sort().map((name) => {
    const value = variables[name] ?? '';
    const number = /^\d+(\.\d+)?$/.test(value) && !name.endsWith('_ip') && name !== 'http_version';
    const shown =
      name === 'http_version' ? JSON.stringify(value) : number ? String(Number(value)) : value === '' ? 'null' : JSON.stringify(value);
    return `"${name}":${shown}`;
  });
  return `{${pairs.join(',')},"curl_version":"libcurl/8.22.0"}`;
}

function rate(bytes: number, time: Micros | undefined): number {
  return time ? Math.floor((bytes * 1_000_000) / time) : 0;
}
