import { expect, test } from 'vitest';
import { typist } from '../../cli/harness.ts';
import { commands } from '../../cli/registry.ts';

test('VLAN devices are in /proc/net/vlan, with what went through them', () => {
  const type = typist(commands);
  type('ip link add eth0 type veth peer name far; ip link add link eth0 name eth0.5 type vlan id 5');
  expect(type('cat /proc/net/vlan/config').stdout).toBe(
    'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\neth0.5         | 5  | eth0\n',
  );
  type('ip link set far up; ip link set eth0 up; ip link set eth0.5 up; ip addr add 10.0.0.1/24 dev eth0.5; ping -c 1 -W 1 10.0.0.2');
  const [first, ...lines] = type('cat /proc/net/vlan/eth0.5').stdout.split('\n');
  expect(first).toBe('eth0.5  VID: 5\t REORDER_HDR: 1  dev->priv_flags: 1021');
  expect(lines[0]).toBe('         total frames received            0');
  expect(lines.find((line) => line.includes('frames transmitted'))).not.toMatch(/ 0$/);
  expect(lines).toContain('Device: eth0');
});

test('what captures is told of every packet, before the protocols', () => {
  const type = typist(commands);
  type('ip link set lo up; timeout 5 tcpdump -i lo -w /dev/null 2>/dev/null & sleep 0.2');
  expect(type('sed -n 2,3p /proc/net/ptype').stdout).toBe('ALL  lo       tpacket_rcv\n0800          ip_rcv\n');
});

test('connection tracking counts for each processor', () => {
  const type = typist(commands);
  type('ip link set lo up; iptables -A INPUT -m conntrack --ctstate ESTABLISHED; ping -c 1 127.0.0.1');
  const lines = type('cat /proc/net/stat/nf_conntrack').stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^00000001 {2}00000000 /);
  expect(type("awk '{ print NF }' /proc/net/stat/nf_conntrack").stdout).toBe('17\n17\n17\n');
});
