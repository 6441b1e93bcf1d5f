import { expect, test } from 'vitest';
import { typist } from '../../cli/harness.ts';
import { commands } from '../../cli/registry.ts';

test('/proc/net/protocols counts the sockets of each protocol', () => {
  const type = typist(commands);
  type('ip link set lo up; nc -l -p 8080 & nc -u -l -p 53 & sleep 0.1');
  expect(type("awk '$3 > 0 { print $1, $3 }' /proc/net/protocols").stdout).toBe('protocol sockets\nUDP 1\nTCP 1\n');
  expect(type("grep '^TCP ' /proc/net/protocols").stdout).toBe(
    'TCP       2304      1       0   no     192   yes  kernel      y  y  y  y  y  y  y  y  y  y  y  y  n  y  y  y  y  y\n',
  );
});
