import type { Micros } from '../../base/time.ts';

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
  /** Since the start. */
  times: { lookup?: Micros; connect?: Micros; start?: Micros; total?: Micros };
}

const NOTHING: Facts = {
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
  times: {},
};

export function isVariable(name: string): boolean {
  return Object.hasOwn(variablesOf(NOTHING, 0, ''), name);
}

/** Expands -w: `%{variable}`, `%%`, and the escapes \n \r \t. Unknown variables are left out, with the rest as it stands. */
export function expandWriteOut(format: string, facts: Facts, exitCode: number, message: string): string {
  const variables = variablesOf(facts, exitCode, message);
  return format.replace(/%%|%\{(\w+)\}|\\([nrt])/g, (whole, name: string | undefined, letter: string | undefined) => {
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
    urlnum: '0',
    http_version: facts.status === 0 ? '0' : '1.1',
    exitcode: String(exitCode),
    errormsg: message,
    scheme: 'http',
    time_namelookup: seconds(times.lookup),
    time_connect: seconds(times.connect),
    time_appconnect: seconds(0),
    time_pretransfer: seconds(times.connect),
    time_starttransfer: seconds(times.start),
    time_total: seconds(times.total),
    time_redirect: seconds(0),
  };
}

function rate(bytes: number, time: Micros | undefined): number {
  return time ? Math.floor((bytes * 1_000_000) / time) : 0;
}
