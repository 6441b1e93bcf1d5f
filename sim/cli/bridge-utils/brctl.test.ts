import { expect, test } from 'vitest';
import { brctl } from './brctl.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as grep } from '../grep/index.ts';
import { TWO_ON_A_BRIDGE } from '../iputils/bridge.fixture.ts';
import { replay } from '../tool/transcript.ts';

const commands = [brctl, ip, ...coreutils, ...grep];

test('brctl makes, fills, tunes and deletes bridges', () => {
  const recorded = `
${TWO_ON_A_BRIDGE}$ sleep 1
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
