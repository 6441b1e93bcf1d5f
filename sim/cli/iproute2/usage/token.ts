/** What `ip token help` prints. */
export const TOKEN_USAGE = 'Usage: ip token [ list | set | del | get ] [ TOKEN ] [ dev DEV ]\n';
