import { expect, test } from 'vitest';
import { commands as grep } from '../grep/index.ts';
import { replay } from '../tool/transcript.ts';
import { bridge } from './bridge.ts';
import { ip } from './ip.ts';

// Recorded on Linux 6.18 with iproute2 7.2.
test('groups that an administrator puts into a bridge', () => {
  const recorded = `$ ip link add br0 type bridge
$ bridge mdb add dev br0 port br0 grp 239.1.1.1
Error: bridge: Bridge device is not running.
? 255
$ ip link set br0 up
$ ip link add v0 type veth peer name p0
$ ip link set v0 master br0
$ bridge mdb add dev br0 port v0 grp 239.1.1.1
Error: bridge: Port is in disabled state and entry is not permanent.
? 255
$ bridge mdb add dev br0 port v0 grp 239.1.1.2 permanent
$ bridge mdb add dev br0 port br0 grp 239.9.9.9 permanent
Error: bridge: Flags are not allowed for host groups.
? 255
$ bridge mdb add dev br0 port br0 grp 239.9.9.9
$ bridge mdb add dev br0 port v0 grp 01:02:03:04:05:06
Error: bridge: Only permanent L2 entries allowed.
? 255
$ bridge mdb add dev br0 port v0 grp 224.0.0.5
Error: IPv4 entry group address is local multicast.
? 255
$ bridge mdb add dev br0 port v0 grp 10.0.0.5
Error: IPv4 entry group address is not multicast or 0.0.0.0.
? 255
$ bridge -d mdb show | grep 239
dev br0 port br0 grp 239.9.9.9 temp
dev br0 port v0 grp 239.1.1.2 permanent proto static
$ bridge mdb replace dev br0 port v0 grp 239.1.1.2 permanent proto bgp
$ bridge -d mdb get dev br0 grp 239.1.1.2
dev br0 port v0 grp 239.1.1.2 permanent proto bgp
$ bridge mdb del dev br0 port v0 grp 239.1.1.2
$ bridge mdb get dev br0 grp 239.1.1.2
Error: bridge: MDB entry not found.
? 254
`;
  expect(replay([ip, bridge, ...grep], {}, recorded)).toBe(recorded);
});
