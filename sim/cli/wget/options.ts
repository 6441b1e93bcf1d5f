import type { OptionSpec } from '../getopt.ts';

const flag = (short: string, long: string): OptionSpec => ({ name: long, ...(short ? { short } : {}), long });
const valued = (short: string, long: string): OptionSpec => ({ ...flag(short, long), argument: 'required' });
const unmodelled = (...longs: string[]): OptionSpec[] => longs.map((long) => ({ ...flag('', long), unmodelled: true }));

/** The options of wget(1) that are modelled, and those that aren't. */
export const OPTIONS: readonly OptionSpec[] = [
  flag('V', 'version'),
  flag('h', 'help'),
  flag('q', 'quiet'),
  flag('v', 'verbose'),
  flag('', 'no-verbose'),
  // -nv, -nc, -nd, -nH and -np: a letter that takes the next one as its argument.
  { name: 'no', short: 'n', argument: 'required' },
  valued('i', 'input-file'),
  valued('t', 'tries'),
  flag('', 'retry-connrefused'),
  valued('O', 'output-document'),
  flag('S', 'server-response'),
  flag('', 'spider'),
  valued('T', 'timeout'),
  valued('', 'connect-timeout'),
  valued('', 'read-timeout'),
  valued('', 'waitretry'),
  flag('4', 'inet4-only'),
  flag('6', 'inet6-only'),
  valued('P', 'directory-prefix'),
  valued('', 'header'),
  valued('', 'max-redirect'),
  valued('', 'referer'),
  valued('U', 'user-agent'),
  flag('', 'no-http-keep-alive'),
  valued('', 'post-data'),
  valued('', 'method'),
  valued('', 'body-data'),
  flag('', 'no-check-certificate'),
  flag('', 'no-proxy'),
  flag('', 'no-cookies'),
  flag('', 'no-netrc'),
  flag('', 'no-hsts'),
  flag('', 'no-config'),
  ...Object.entries({
    a: 'append-output',
    b: 'background',
    c: 'continue',
    d: 'debug',
    e: 'execute',
    k: 'convert-links',
    l: 'level',
    m: 'mirror',
    o: 'output-file',
    p: 'page-requisites',
    r: 'recursive',
    w: 'wait',
    x: 'force-directories',
    A: 'accept',
    B: 'base',
    D: 'domains',
    E: 'adjust-extension',
    F: 'force-html',
    H: 'span-hosts',
    I: 'include-directories',
    K: 'backup-converted',
    L: 'relative',
    N: 'timestamping',
    Q: 'quota',
    R: 'reject',
    X: 'exclude-directories',
  }).map(([short, long]) => ({ ...flag(short, long), unmodelled: true })),
  ...unmodelled('no-clobber', 'no-directories', 'no-host-directories', 'no-parent', 'no-use-server-timestamps', 'no-dns-cache', 'no-cache'),
  ...unmodelled('progress', 'show-progress', 'report-speed', 'dns-timeout', 'bind-address', 'limit-rate', 'prefer-family', 'random-wait'),
  ...unmodelled('retry-on-host-error', 'retry-on-http-error', 'start-pos', 'config', 'rejected-log', 'restrict-file-names', 'ignore-case'),
  ...unmodelled('user', 'password', 'ask-password', 'http-user', 'http-password', 'auth-no-challenge', 'proxy-user', 'proxy-password'),
  ...unmodelled('default-page', 'ignore-length', 'compression', 'save-headers', 'load-cookies', 'save-cookies', 'keep-session-cookies'),
  ...unmodelled('post-file', 'body-file', 'content-disposition', 'content-on-error', 'trust-server-names', 'cut-dirs', 'unlink', 'xattr'),
  ...unmodelled('secure-protocol', 'https-only', 'certificate', 'private-key', 'ca-certificate', 'ca-directory', 'ciphers', 'delete-after'),
  ...unmodelled('protocol-directories', 'accept-regex', 'reject-regex', 'exclude-domains', 'follow-ftp', 'warc-file', 'hsts-file'),
];

export const USAGE = 'Usage: wget [OPTION]... [URL]...\n';

export const HELP = `GNU Wget 1.25.0, a non-interactive network retriever.
${USAGE}
The options that are modelled:
${OPTIONS.filter(({ long, unmodelled: not }) => long !== undefined && !not)
  .map(({ short, long, argument }) => `  ${short ? `-${short},` : '   '}  --${long}${argument ? '=VALUE' : ''}\n`)
  .join('')}`;
