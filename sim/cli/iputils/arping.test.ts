import { describe, expect, test } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';

const LINK = `
ip netns add p; ip link add v0 type veth peer name v0 netns p
ip addr add 10.1.0.1/24 dev v0; ip link set v0 up
ip -n p addr add 10.1.0.2/24 dev v0; ip -n p link set v0 up
`;

function type(command: string) {
  const machine = typist(commands);
  machine(LINK);
  return machine(command);
}

describe('arping', () => {
  test('the first question goes to everybody, the next to whoever answered', () => {
    const { stdout, status } = type('arping -c 2 -I v0 10.1.0.2');
    expect(stdout).toContain('ARPING 10.1.0.2 from 10.1.0.1 v0\nUnicast reply from 10.1.0.2 [');
    expect(stdout).toContain('Sent 2 probes (1 broadcast(s))\nReceived 2 response(s)\n');
    expect(status).toBe(0);
  });

  test('an address that nobody has', () => {
    expect(type('arping -c 2 -I v0 10.1.0.9')).toMatchObject({
      stdout: 'ARPING 10.1.0.9 from 10.1.0.1 v0\nSent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n',
      status: 1,
    });
  });

  test('looking for duplicates, an answer is bad news', () => {
    expect(type('arping -q -D -c 1 -I v0 10.1.0.2').status).toBe(1);
    expect(type('arping -q -D -c 1 -I v0 10.1.0.9').status).toBe(0);
  });

  test('a gratuitous announcement reaches the neighbour', () => {
    const shown = type(
      'ip -n p neigh add 10.1.0.1 lladdr 02:00:00:00:00:99 nud stale dev v0; arping -q -A -c 1 -I v0 10.1.0.1; ip -n p neigh',
    );
    expect(shown.stdout).not.toContain('02:00:00:00:00:99');
  });

  test('devices without ARP are refused', () => {
    expect(type('ip link set lo up; arping -c 1 -I lo 127.0.0.1')).toMatchObject({ stderr: 'Interface "lo" is not ARPable\n', status: 2 });
  });
});

describe('tracepath', () => {
  test('finds the path MTU on the way', () => {
    const { stdout } = type('tracepath -n 10.1.0.2');
    expect(stdout.replace(/ +\d+\.\d+ms/g, ' T')).toBe(
      ' 1?: [LOCALHOST]                      pmtu 1500\n 1:  10.1.0.2 T reached\n 1:  10.1.0.2 T reached\n     Resume: pmtu 1500 hops 1 back 1 \n',
    );
  });
});
