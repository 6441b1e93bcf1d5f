import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { formatCommand, formatHeader, isBadLine, parseTranscript, type Transcript } from './transcript.ts';

const real = `# world: linux
# about links
host1$ ip link show v0
2: v0@v1: <BROADCAST> mtu 1500
    link/ether aa:b9:c3:98:e1:0c brd ff:ff:ff:ff:ff:ff
host1$ for i in 1 2; do
>   echo $i
> done
1
2
host1$ ping -c 1 10.0.0.2
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.048 ms
`;

describe('a transcript', () => {
  test('is read into commands with their hosts and outputs, and written back', () => {
    const transcript = parseTranscript(real) as Transcript;
    expect(transcript.world).toBe('linux');
    expect(transcript.steps.map(({ command }) => command)).toEqual([
      'ip link show v0',
      'for i in 1 2; do\n  echo $i\ndone',
      'ping -c 1 10.0.0.2',
    ]);
    const written = transcript.steps.map((step) => formatCommand(step) + step.output.map((line) => `${line}\n`).join(''));
    expect(formatHeader(transcript) + written.join('')).toBe(real);
  });

  test('may not start with anything but comments', () => {
    const parsed = parseTranscript('# world: linux\noops\nhost1$ true\n');
    expect(isBadLine(parsed) && parsed).toEqual({ number: 2, text: 'oops' });
  });
});

describe('the comparison', () => {
  const sameCommands = (simulated: string) => compare(real, simulated).map(({ same }) => same);

  test('forgives a different MAC address and a different time', () => {
    const simulated = real.replace('aa:b9:c3:98:e1:0c', '0e:01:02:03:04:05').replace('0.048', '0.061');
    expect(sameCommands(simulated)).toEqual([true, true, true]);
  });

  test('does not forgive a well-known MAC address, another mtu, a missing line', () => {
    expect(sameCommands(real.replace('aa:b9:c3:98:e1:0c', '52:54:00:00:32:0b'))).toEqual([false, true, true]);
    expect(sameCommands(real.replace('mtu 1500', 'mtu 1450'))).toEqual([false, true, true]);
    expect(sameCommands(real.replace('1\n2\n', '1\n'))).toEqual([true, false, true]);
  });

  test('notices two addresses that should be the same and are not', () => {
    const twice = `${real}host1$ bridge fdb\naa:b9:c3:98:e1:0c dev v0\n`;
    const other = twice.replace('aa:b9:c3:98:e1:0c dev', 'aa:b9:c3:98:e1:0d dev');
    expect(compare(twice, other).at(-1)).toMatchObject({ same: false, real: 'MAC1 dev v0', simulated: 'MAC2 dev v0' });
  });

  test('notices a command that is missing', () => {
    expect(compare(real, real.split('host1$ ping')[0] as string).at(-1)).toMatchObject({ same: false, simulated: '(command missing)' });
  });
});
