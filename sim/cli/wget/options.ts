import type { OptionSpec } from '../getopt.ts';
import { COMMANDS } from './commands.ts';

/** Options by their long name: letter and command, where the command isn't the name without its dashes. */
const MODELLED: Readonly<Record<string, { short?: string; command?: string }>> = {
  accept: { short: 'A' },
  'accept-regex': {},
  'adjust-extension': { short: 'E' },
  'auth-no-challenge': {},
  background: { short: 'b' },
  'backup-converted': { short: 'K' },
  base: { short: 'B' },
  'bind-address': {},
  'body-data': {},
  'body-file': {},
  cache: {},
  clobber: {},
  compression: {},
  'connect-timeout': {},
  continue: { short: 'c' },
  'convert-links': { short: 'k' },
  'content-disposition': {},
  'content-on-error': {},
  cookies: {},
  'cut-dirs': {},
  'default-page': {},
  'delete-after': {},
  directories: { command: 'dirstruct' },
  'directory-prefix': { short: 'P', command: 'dirprefix' },
  'dns-cache': {},
  domains: { short: 'D' },
  'exclude-directories': { short: 'X' },
  'exclude-domains': {},
  'follow-tags': {},
  'force-directories': { short: 'x', command: 'dirstruct' },
  'force-html': { short: 'F' },
  header: {},
  'host-directories': { command: 'addhostdir' },
  'html-extension': { command: 'adjustextension' },
  'http-keep-alive': {},
  'http-passwd': { command: 'httppassword' },
  'http-password': {},
  'http-user': {},
  'ignore-case': {},
  'ignore-length': {},
  'ignore-tags': {},
  'include-directories': { short: 'I' },
  'inet4-only': { short: '4' },
  'inet6-only': { short: '6' },
  'input-file': { short: 'i', command: 'input' },
  'keep-session-cookies': {},
  level: { short: 'l', command: 'reclevel' },
  'limit-rate': {},
  'load-cookies': {},
  'rejected-log': {},
  'max-redirect': {},
  method: {},
  mirror: { short: 'm' },
  'no-clobber': { command: 'noclobber' },
  'no-parent': { command: 'noparent' },
  'output-document': { short: 'O' },
  'output-file': { short: 'o', command: 'logfile' },
  'page-requisites': { short: 'p' },
  parent: {},
  password: {},
  'post-data': {},
  'post-file': {},
  'prefer-family': {},
  progress: {},
  'show-progress': {},
  'protocol-directories': {},
  proxy: { command: 'useproxy' },
  'proxy-passwd': { command: 'proxypassword' },
  'proxy-password': {},
  'proxy-user': {},
  quiet: { short: 'q' },
  quota: { short: 'Q' },
  'random-wait': {},
  'read-timeout': {},
  recursive: { short: 'r' },
  referer: {},
  reject: { short: 'R' },
  'reject-regex': {},
  relative: { short: 'L', command: 'relativeonly' },
  'report-speed': {},
  'restrict-file-names': {},
  'retry-connrefused': {},
  'retry-on-host-error': {},
  'retry-on-http-error': {},
  'save-cookies': {},
  'save-headers': {},
  'server-response': { short: 'S' },
  'span-hosts': { short: 'H' },
  spider: {},
  'start-pos': {},
  timeout: { short: 'T' },
  timestamping: { short: 'N' },
  'if-modified-since': {},
  tries: { short: 't' },
  unlink: {},
  'trust-server-names': {},
  'use-server-timestamps': {},
  user: {},
  'user-agent': { short: 'U' },
  verbose: { short: 'v' },
  wait: { short: 'w' },
  waitretry: {},
};

/** Switches that set nothing here: there is no FTP, no TLS, no configuration file, and addresses are plain ASCII. */
const IDLE = ['check-certificate', 'hsts', 'iri', 'netrc', 'passive-ftp', 'glob', 'remove-listing', 'follow-ftp', 'xattr'];

const UNMODELLED = [
  'ask-password backups convert-file-only debug:d ftps-clear-data-connection ftps-fallback-to-ftp ftps-implicit ftps-resume-ssl',
  'htmlify https-only keep-badhash preserve-permissions retr-symlinks strict-comments warc-cdx warc-compression warc-digests warc-keep-log',
]
  .join(' ')
  .split(' ');

const UNMODELLED_VALUES = [
  'ca-certificate ca-directory certificate certificate-type ciphers config crl-file dns-timeout dot-style egd-file',
  'ftp-password ftp-user hsts-file local-encoding pinnedpubkey private-key private-key-type random-file regex-type remote-encoding',
  'secure-protocol use-askpass warc-dedup warc-file warc-header warc-max-size warc-tempdir',
]
  .join(' ')
  .split(' ');

/** What takes a word although it looks like a switch. */
const WORDED = new Set(['report-speed', 'restrict-file-names', 'backups']);

function specsOf(long: string, short: string | undefined, name: string, value: boolean, unmodelled = false): OptionSpec[] {
  const refused = unmodelled ? { unmodelled } : {};
  if (value) return [{ name, long, ...(short ? { short } : {}), argument: 'required', ...refused }];
  // A letter takes nothing, a long name a word behind `=`.
  const letter: OptionSpec[] = short ? [{ name, short, ...refused }] : [];
  const negative: OptionSpec[] =
    WORDED.has(long) || `no-${long}` in MODELLED ? [] : [{ name: `no ${name}`, long: `no-${long}`, ...refused }];
  return [{ name, long, argument: 'optional', ...refused }, ...letter, ...negative];
}

/** The options of wget(1): `name` is the command that each sets, with `no ` before it for its opposite. */
export const OPTIONS: readonly OptionSpec[] = [
  ...Object.entries(MODELLED).flatMap(([long, { short, command = long.replace(/-/g, '') }]) =>
    specsOf(long, short, command, COMMANDS[command]?.kind === 'value' && !WORDED.has(long)),
  ),
  { name: '-append', short: 'a', long: 'append-output', argument: 'required' as const },
  { name: '-execute', short: 'e', long: 'execute', argument: 'required' as const },
  { name: '-help', short: 'h', long: 'help' },
  { name: '-version', short: 'V', long: 'version' },
  // -nv, -nc, -nd, -nH and -np: a letter that takes the next ones as its argument.
  { name: '-no', short: 'n', long: 'no', argument: 'required' as const },
  { name: '-idle', long: 'no-config' },
  ...IDLE.flatMap((long) => specsOf(long, undefined, '-idle', false)),
  ...UNMODELLED.flatMap((entry) => {
    const [long = '', short] = entry.split(':');
    return specsOf(long, short, long, false, true);
  }),
  ...UNMODELLED_VALUES.flatMap((long) => specsOf(long, undefined, long, true, true)),
].sort((a, b) => ((a.long ?? '') < (b.long ?? '') ? -1 : 1));

/** The short forms of -n (OPT__NO in main.c): the command and what it becomes. */
export const NEGATIONS: Readonly<Record<string, [command: string, value: string]>> = {
  v: ['verbose', '0'],
  H: ['addhostdir', '0'],
  d: ['dirstruct', '0'],
  c: ['noclobber', '1'],
  p: ['noparent', '1'],
};
