import { expect, test } from 'vitest';
import { bridge } from './bridge.ts';
import { ip } from './ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { sed } from '../sed/sed.ts';
import { TWO_ON_A_BRIDGE } from '../iputils/bridge.fixture.ts';
import { replay } from '../tool/transcript.ts';

const commands = [bridge, ip, ...coreutils, sed];

test('ports of a bridge and its forwarding table', () => {
  const recorded = `
${TWO_ON_A_BRIDGE}$ sleep 1
$ bridge link
3: va@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2 
4: vb@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2 
$ bridge link show dev va
3: va@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2 
$ bridge -d link show dev va | sed 's@mcast_n_groups.*@@'
3: va@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2 
    hairpin off guard off root_block off fastleave off learning on flood on mcast_flood on bcast_flood on mcast_router 1 mcast_to_unicast off neigh_suppress off neigh_vlan_suppress off vlan_tunnel off isolated off locked off mab off 
$ bridge -j link show dev va
[{"ifindex":3,"link":"br0","ifname":"va","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"master":"br0","state":"forwarding","priority":32,"cost":2}]
$ bridge link set dev va hairpin on learning off cost 100 isolated on
$ bridge -d link show dev va | sed 's@mcast_n_groups.*@@'
3: va@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 100 
    hairpin on guard off root_block off fastleave off learning off flood on mcast_flood on bcast_flood on mcast_router 1 mcast_to_unicast off neigh_suppress off neigh_vlan_suppress off vlan_tunnel off isolated on locked off mab off 
$ bridge link set dev va hairpin off learning on cost 2 isolated off
$ bridge link set dev nosuch cost 1
Cannot find bridge device "nosuch"
? 255
$ bridge link set dev br0 cost 1
RTNETLINK answers: Operation not supported
? 255
$ bridge link set cost 1
Device is a required argument.
? 255
$ bridge link foo
Command "foo" is unknown, try "bridge link help".
? 255
$ bridge fdb add 02:00:00:00:01:02 dev va master
$ bridge fdb add 02:00:00:00:01:03 dev va master static
$ bridge fdb add 02:00:00:00:01:04 dev vb master dynamic
$ bridge fdb add 02:00:00:00:01:05 dev br0 self
$ bridge fdb add 02:00:00:00:01:02 dev va master
RTNETLINK answers: File exists
? 255
$ bridge fdb add zz dev va
Invalid mac address zz
? 255
$ bridge fdb add 02:00:00:00:01:02
Device and address are required arguments.
? 255
$ bridge fdb add 02:00:00:00:01:02 dev nosuch
Cannot find device "nosuch"
? 255
$ bridge fdb show br br0 brport va
02:00:00:00:01:03 master br0 static
02:00:00:00:01:02 master br0 permanent
02:00:00:00:00:1a master br0 
02:00:00:00:00:0a master br0 permanent
33:33:00:00:00:01 self permanent
01:00:5e:00:00:01 self permanent
33:33:ff:00:00:0a self permanent
$ bridge fdb show brport vb dynamic
02:00:00:00:01:04 master br0 
02:00:00:00:00:1b master br0 
$ bridge -j fdb show brport vb dynamic
[{"mac":"02:00:00:00:01:04","flags":[],"master":"br0","state":""},{"mac":"02:00:00:00:00:1b","flags":[],"master":"br0","state":""}]
$ bridge fdb get 02:00:00:00:01:03 br br0
02:00:00:00:01:03 dev va master br0 static
$ bridge fdb get 02:00:00:00:09:09 br br0
Error: Fdb entry not found.
? 254
$ bridge fdb replace 02:00:00:00:01:03 dev vb master static
$ bridge fdb show br br0 brport vb
02:00:00:00:01:04 master br0 
02:00:00:00:01:03 master br0 static
02:00:00:00:00:1b master br0 
02:00:00:00:00:0b master br0 permanent
33:33:00:00:00:01 self permanent
01:00:5e:00:00:01 self permanent
33:33:ff:00:00:0b self permanent
$ bridge fdb del 02:00:00:00:01:03 dev vb master
$ bridge fdb del 02:00:00:00:01:03 dev vb master
RTNETLINK answers: No such file or directory
? 255
$ bridge fdb foo
Command "foo" is unknown, try "bridge fdb help".
? 255
$ bridge foo
Object "foo" is unknown, try "bridge help".
? 255
$ bridge -foo
Option "-foo" is unknown, try "bridge help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
