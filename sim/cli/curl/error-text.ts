import type { Errno } from '../../base/errno.ts';

const WORDS: Partial<Record<Errno, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  EPIPE: 'Broken pipe',
};

/** An error of a socket in curl's words. */
export function errorText(error: Errno): string {
  return WORDS[error] ?? error;
}
