import { expect, test } from 'vitest';
import { run, testMachine } from '../harness.ts';
import { ip } from '../iproute2/ip.ts';
import { ethtool } from './ethtool.ts';

function machine() {
  const host = testMachine([ip, ethtool]);
  run(host, '/usr/bin/ip', 'link add v0 type veth peer name v1'.split(' '));
  const tool = (line: string) => run(host, '/usr/sbin/ethtool', line.split(' '));
  return { host, tool };
}

test('without checksums there is no segmentation, and both come back together', () => {
  const { tool } = machine();
  const segmentation = () => /tx-tcp-segmentation: (.*)/.exec(tool('-k v0').stdout)?.[1];
  expect(segmentation()).toBe('on');
  expect(tool('-K v0 tx off').stdout).toContain('tx-tcp-segmentation: off [not requested]');
  expect(segmentation()).toBe('off [requested on]');
  tool('-K v0 tx on');
  expect(segmentation()).toBe('on');
});

test('what is fixed stays, and ethtool says so', () => {
  const { tool } = machine();
  const { status, stdout, stderr } = tool('-K v0 lro on');
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: 'Actual changes:\nrx-lro: off [requested on]\n',
    stderr: 'Could not change any device features\n',
  });
});

test('a link is detected when both ends of the pair are up', () => {
  const { host, tool } = machine();
  const detected = () => /Link detected: (.*)/.exec(tool('v0').stdout)?.[1];
  run(host, '/usr/bin/ip', 'link set v0 up'.split(' '));
  expect(detected()).toBe('no');
  run(host, '/usr/bin/ip', 'link set v1 up'.split(' '));
  expect(detected()).toBe('yes');
});
