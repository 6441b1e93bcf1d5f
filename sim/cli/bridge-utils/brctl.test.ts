import { expect, test } from 'vitest';
import { brctl } from './brctl.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as grep } from '../grep/index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [brctl, ip, ...coreutils, ...grep];

test('brctl makes, fills, tunes and deletes bridges', () => {
  const recorded = `
$ ip link add br0 address 02:00:00:00:00:10 type bridge
$ ip link set br0 up
$ ip addr add 10.0.0.254/24 dev br0
$ ip netns add a
$ ip netns add b
$ ip link add va address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:1a netns a
$ ip link add vb address 02:00:00:00:00:0b type veth peer name eth0 address 02:00:00:00:00:1b netns b
$ ip link set va master br0 up
$ ip link set vb master br0 up
$ ip -n a link set eth0 up
$ ip -n b link set eth0 up
$ ip -n a addr add 10.0.0.1/24 dev eth0
$ ip -n b addr add 10.0.0.2/24 dev eth0
$ sleep 1
$ brctl show
bridge name	bridge id		STP enabled	interfaces
br0		8000.020000000010	no		va
							vb
$ brctl show br0
bridge name	bridge id		STP enabled	interfaces
br0		8000.020000000010	no		va
							vb
$ brctl addbr br1
$ brctl addbr br1
device br1 already exists; can't create bridge with the same name
? 1
$ brctl addif br1 lo
can't add lo to bridge br1: Invalid argument
? 1
$ brctl addif br1 va
device va is already a member of a bridge; can't add it to bridge br1.
? 1
$ brctl addif br1 nosuch
interface nosuch does not exist!
? 1
$ brctl addif nosuch va
bridge nosuch does not exist!
? 1
$ brctl delif br1 va
device va is not a port of br1
? 1
$ brctl delif br0 vb
$ brctl show br0
bridge name	bridge id		STP enabled	interfaces
br0		8000.020000000010	no		va
$ brctl setageing br0 100
$ brctl setfd br0 5
$ brctl sethello br0 1
$ brctl setmaxage br0 10
$ ip -d link show br0 | grep -o 'forward_delay 500 hello_time 100 max_age 1000 ageing_time 10000'
forward_delay 500 hello_time 100 max_age 1000 ageing_time 10000
$ brctl setfd br0 x
bad forward delay value
? 1
$ brctl stp br0 maybe
expect on/off for argument
? 1
$ brctl delbr br0
bridge br0 is still up; can't delete it
? 1
$ ip link set br0 down
$ brctl delbr br0
$ brctl delbr nosuch
bridge nosuch doesn't exist; can't delete it
? 1
$ brctl showmacs nosuch
read of forward table failed: No such device
? 1
$ brctl show
bridge name	bridge id		STP enabled	interfaces
br1		8000.000000000000	no		
$ brctl foo
never heard of command [foo]
Usage: brctl [commands]
commands:
	addbr     	<bridge>		add bridge
	delbr     	<bridge>		delete bridge
	addif     	<bridge> <device>	add interface to bridge
	delif     	<bridge> <device>	delete interface from bridge
	hairpin   	<bridge> <port> {on|off}	turn hairpin on/off
	setageing 	<bridge> <time>		set ageing time
	setbridgeprio	<bridge> <prio>		set bridge priority
	setfd     	<bridge> <time>		set bridge forward delay
	sethello  	<bridge> <time>		set hello time
	setmaxage 	<bridge> <time>		set max message age
	setpathcost	<bridge> <port> <cost>	set path cost
	setportprio	<bridge> <port> <prio>	set port priority
	show      	[ <bridge> ]		show a list of bridges
	showmacs  	<bridge>		show a list of mac addrs
	showstp   	<bridge>		show bridge stp info
	stp       	<bridge> {on|off}	turn stp on/off
? 1
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
