import { describe, expect, it } from 'vitest';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { Given, isProblem, type ParseContext } from '../options.ts';
import { dccp } from './dccp.ts';
import type { MatchExtension } from './match.ts';
import { sctp } from './sctp.ts';

const context = (protocol: number): ParseContext => ({
  family: 4,
  protocol,
  names: { port: Number } as unknown as ParseContext['names'],
  setFamily: () => undefined,
  warn: () => {},
});

/** Whether a packet with these bytes after its IP header matches. */
function matches(extension: MatchExtension<never>, protocol: number, options: [string, ...string[]][], bytes: number[]): boolean {
  const given = new Given(options.map(([name, ...values]) => ({ name: name.replace('!', ''), values, inverted: name.startsWith('!') })));
  const data = extension.parse(given, context(protocol));
  if (isProblem(data)) throw new Error(data.problem);
  const skb = { bytes: Uint8Array.from(bytes), end: bytes.length } as Skb;
  return extension.matches(data, skb, { fragmentOffset: 0, transport: 0 } as HookState);
}

describe('matches that look into packets', () => {
  const header = [0, 80, 0, 81, 0, 0, 0, 0, 0, 0, 0, 0];
  /** DATA with B and E, five bytes padded to eight, then ABORT with T. */
  const packet = [...header, 0, 3, 0, 5, 9, 0, 0, 0, 6, 1, 0, 4];
  const chunks = (how: string, types: string, not = '') =>
    matches(sctp as MatchExtension<never>, 132, [[`${not}chunk-types`, how, types]], packet);

  it('sctp: any, all or only these chunks', () => {
    expect(chunks('any', 'INIT,ABORT')).toBe(true);
    expect(chunks('any', 'INIT')).toBe(false);
    expect(chunks('any', 'INIT', '!')).toBe(true);
    expect(chunks('all', 'DATA,ABORT')).toBe(true);
    expect(chunks('all', 'DATA,INIT')).toBe(false);
    expect(chunks('only', 'DATA,ABORT,INIT')).toBe(true);
    expect(chunks('only', 'DATA')).toBe(false);
    expect(chunks('any', 'DATA:BE')).toBe(true);
    expect(chunks('any', 'DATA:u')).toBe(true);
    expect(chunks('any', 'DATA:U')).toBe(false);
    expect(chunks('any', 'ABORT:t')).toBe(false);
  });

  it('dccp: types and options', () => {
    // A REQUEST: a header of 16 bytes, the service, then padding and option 32.
    const request = [0, 5, 0, 6, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 32, 3, 7];
    const is = (...options: [string, ...string[]][]) => matches(dccp as MatchExtension<never>, 33, options, request);
    expect(is(['dccp-types', 'REQUEST,DATA'], ['source-port', '5'])).toBe(true);
    expect(is(['dccp-types', 'RESPONSE'])).toBe(false);
    expect(is(['!dccp-types', 'RESPONSE'])).toBe(true);
    expect(is(['dccp-option', '32'])).toBe(true);
    expect(is(['dccp-option', '7'])).toBe(false);
  });
});
