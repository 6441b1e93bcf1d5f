/** The most used options, as --help without a subject names them. */
const COMMON: readonly [string, string][] = [
  ['-d, --data <data>', 'Post data'],
  ['-f, --fail', 'Fail fast with no output on HTTP errors'],
  ['-I, --head', 'Show document info only'],
  ['-H, --header <header/@file>', 'Pass custom header(s) to server'],
  ['-h, --help <subject>', 'Get help for commands'],
  ['-o, --output <file>', 'Write to file instead of stdout'],
  ['-O, --remote-name', 'Write output to file named as remote file'],
  ['-i, --show-headers', 'Show response headers in output'],
  ['-s, --silent', 'Silent mode'],
  ['-T, --upload-file <file>', 'Transfer local FILE to destination'],
  ['-u, --user <user:password>', 'Server user and password'],
  ['-A, --user-agent <name>', 'Send User-Agent <name> to server'],
  ['-v, --verbose', 'Make the operation more talkative'],
  ['-V, --version', 'Show version number and quit'],
];

/** What --help prints. */
export const HELP = `Usage: curl [options...] <url>
${COMMON.map(([option, text]) => ` ${option.padEnd(28)} ${text}\n`).join('')}
This is not the full help; this menu is split into categories.
Use "--help category" to get an overview of all categories, which are:
auth, connection, curl, deprecated, dns, file, ftp, global, http, imap, ldap, 
mqtt, output, pop3, post, proxy, scp, sftp, smtp, ssh, telnet, tftp, timeout, 
tls, upload, verbose.
Use "--help all" to list all options
Use "--help [option]" to view documentation for a given option
`;
