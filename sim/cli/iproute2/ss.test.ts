import { describe, expect, test } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';

const CONNECTED = 'sleep 9 | nc -lk 9000 & sleep 0.1; sleep 9 | nc 127.0.0.1 9000 & sleep 0.1;';
const FILES = { '/etc/services': 'http 80/tcp www\ncslistener 9000/tcp\n' };

function shown(command: string) {
  return typist(commands, FILES)(`${CONNECTED} ${command}`);
}

describe('ss', () => {
  test('a filter chooses one end of a connection', () => {
    expect(shown("ss -tnH state established '( dport = :9000 )'").stdout).toMatch(/^0 {6}0 {6}127\.0\.0\.1:\d+ 127\.0\.0\.1:9000\n$/);
    expect(shown('ss -tnH not sport = 9000 | wc -l').stdout).toBe('1\n');
    expect(shown("ss -tnH 'sport gt :8000 and dst 127.0.0.0/8' | wc -l").stdout).toBe('2\n');
    expect(shown('ss -tnH src 10.0.0.0/8').stdout).toBe('');
  });

  test('states are named, excluded and grouped', () => {
    expect(shown('ss -tanH exclude listening | wc -l').stdout).toBe('2\n');
    expect(shown('ss -tanH state big | wc -l').stdout).toBe('3\n');
    expect(shown('ss -tn state bogus')).toMatchObject({ stderr: 'ss: wrong state name: bogus\n', status: 255 });
  });

  test('a filter that makes no sense gets the parser to bellow', () => {
    expect(shown("ss -tn 'dport ='").stderr).toContain('ss: bison bellows (while parsing filter): "syntax error!" Sorry.\nUsage: ss');
  });

  test('without -n ports have names', () => {
    expect(shown('ss -ltH').stdout).toContain('0.0.0.0:cslistener');
  });

  test('the end that closed first waits, and -o says how long', () => {
    expect(shown('kill %2; sleep 0.1; ss -tnoH state time-wait').stdout).toMatch(/ timer:\(timewait,59sec,0\)\n$/);
    expect(shown('kill %2; sleep 0.1; ss -tnH').stdout).toBe('');
  });
});
