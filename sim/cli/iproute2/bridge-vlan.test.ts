import { expect, test } from 'vitest';
import { replay } from '../tool/transcript.ts';
import { commands as grep } from '../grep/index.ts';
import { bridge } from './bridge.ts';
import { ip } from './ip.ts';

// What the tool says before it asks the kernel was recorded; the recording kernel has no VLAN filtering, so the rest follows its source.
test('VLANs of a bridge and its ports', () => {
  const recorded = `
$ ip link add br0 address 02:00:00:00:00:10 type bridge
$ ip link add v1 address 02:00:00:00:00:01 type veth peer name p1
$ ip link add v2 address 02:00:00:00:00:02 type veth peer name p2
$ ip link set v1 master br0
$ bridge vlan
port              vlan-id  
$ ip link set br0 type bridge vlan_filtering 1
$ ip link set v2 master br0
$ bridge vlan show
port              vlan-id  
br0               1 PVID Egress Untagged
v1                1 PVID Egress Untagged
v2                1 PVID Egress Untagged
$ bridge vlan add dev v1 vid 10 pvid untagged
$ bridge vlan add vid 20-22 dev v2 master
$ bridge vlan add dev br0 vid 10 self
$ bridge vlan show
port              vlan-id  
br0               1 PVID Egress Untagged
                  10
v1                1 Egress Untagged
                  10 PVID Egress Untagged
v2                1 PVID Egress Untagged
                  20
                  21
                  22
$ bridge -compress vlan show dev v2
port              vlan-id  
v2                1 PVID Egress Untagged
                  20-22
$ bridge -compress -j vlan show dev v2
[{"ifname":"v2","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":20,"vlanEnd":22}]}]
$ bridge vlan show vid 10
port              vlan-id  
br0               10
v1                10 PVID Egress Untagged
$ bridge vlan del dev v2 vid 20-21
$ bridge vlan del dev v2 vid 99
$ bridge vlan show dev v2
port              vlan-id  
v2                1 PVID Egress Untagged
                  22
$ bridge fdb add 02:00:00:00:00:aa dev v2 master static vlan 22
$ bridge fdb add 02:00:00:00:00:aa dev v2 master static vlan 23
RTNETLINK answers: Invalid argument
? 255
$ bridge fdb show dev v2 vlan 22
02:00:00:00:00:aa vlan 22 master br0 static
02:00:00:00:00:02 vlan 22 master br0 permanent
$ ip -d link show br0 | grep -o ' vlan_[a-z_]* [^ ]*'
 vlan_filtering 1
 vlan_protocol 802.1Q
 vlan_default_pvid 1
$ ip link set br0 type bridge vlan_default_pvid 5
RTNETLINK answers: Operation not permitted
? 2
$ ip link set br0 type bridge vlan_filtering 0
$ ip link set br0 type bridge vlan_default_pvid 5
$ bridge vlan show dev v2
port              vlan-id  
v2                5 PVID Egress Untagged
                  22
$ ip link set br0 type bridge vlan_protocol foo
Error: argument "foo" is wrong: invalid vlan_protocol
? 255
$ bridge vlan add dev br0 vid 10
RTNETLINK answers: Operation not supported
? 255
$ bridge vlan add dev v1 vid 30 self
RTNETLINK answers: Operation not supported
? 255
$ bridge vlan add dev v1 vid 0
Error: bridge: Vlan id is invalid.
? 255
$ bridge vlan add dev v1
Device and VLAN ID are required arguments.
? 255
$ bridge vlan add vid 3
Device and VLAN ID are required arguments.
? 255
$ bridge vlan add dev nosuch vid 3
Cannot find bridge device "nosuch"
? 255
$ bridge vlan add dev v1 vid 5000
Invalid VLAN ID "5000"
? 255
$ bridge vlan add dev v1 vid 20-10
Invalid VLAN range "20-10"
? 255
$ bridge vlan add dev v1 vid 20-22 pvid
pvid cannot be configured for a vlan range
? 255
$ bridge vlan show dev nosuch
Cannot find device "nosuch"
? 255
$ bridge vlan show vid 1 vid 2
Error: duplicate "vid": "2" is the second value.
? 255
$ bridge vlan foo
Command "foo" is unknown, try "bridge vlan help".
? 255
`.slice(1);
  expect(replay([ip, bridge, ...grep], {}, recorded)).toBe(recorded);
});
