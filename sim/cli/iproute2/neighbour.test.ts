import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip, ...coreutils];

test('neighbours are set by hand, filtered and flushed', () => {
  const recorded = `
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
$ ip link set v0 up
$ ip link set v1 up
$ ip addr add 10.0.0.1/24 dev v0
$ ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:77 dev v0
$ ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:77 dev v0
RTNETLINK answers: File exists
? 2
$ ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:78 dev v0 nud stale
$ ip neigh add proxy 10.0.0.10 dev v0
$ ip neigh show
10.0.0.7 dev v0 lladdr 02:00:00:00:00:77 PERMANENT 
10.0.0.8 dev v0 lladdr 02:00:00:00:00:78 STALE 
$ ip neigh show nud stale
10.0.0.8 dev v0 lladdr 02:00:00:00:00:78 STALE 
$ ip neigh show proxy
10.0.0.10 dev v0 proxy 
$ ip neigh show to 10.0.0.7
10.0.0.7 dev v0 lladdr 02:00:00:00:00:77 PERMANENT 
$ ip -j neigh show dev v0
[{"dst":"10.0.0.7","lladdr":"02:00:00:00:00:77","state":["PERMANENT"]},{"dst":"10.0.0.8","lladdr":"02:00:00:00:00:78","state":["STALE"]}]
$ ip -p -j neigh show 10.0.0.8
[ {
        "dst": "10.0.0.8",
        "dev": "v0",
        "lladdr": "02:00:00:00:00:78",
        "state": [ "STALE" ]
    } ]
$ ip neigh get 10.0.0.7 dev v0
10.0.0.7 dev v0 lladdr 02:00:00:00:00:77 PERMANENT 
$ ip neigh get 10.0.0.77 dev v0
Error: Neighbour entry not found.
? 2
$ ip neigh change 10.0.0.7 lladdr 02:00:00:00:00:99 dev v0
$ ip neigh replace 10.0.0.8 lladdr 02:00:00:00:00:98 dev v0 nud permanent
$ ip neigh
10.0.0.7 dev v0 lladdr 02:00:00:00:00:99 PERMANENT 
10.0.0.8 dev v0 lladdr 02:00:00:00:00:98 PERMANENT 
$ ip neigh del 10.0.0.7 dev v0
$ ip neigh del 10.0.0.77 dev v0
RTNETLINK answers: No such file or directory
? 2
$ ip neigh flush dev v0
$ ip neigh flush
Flush requires arguments.
? 1
$ ip neigh add 10.0.0.7
Device and destination are required arguments.
? 255
$ ip neigh add 10.0.0.7 dev nosuch
Cannot find device "nosuch"
? 1
$ ip neigh add x dev v0 lladdr 02:00:00:00:00:01
Error: any valid address is expected rather than "x".
? 1
$ ip neigh add 10.0.0.7 dev v0 lladdr xx
"xx" is invalid lladdr.
? 1
$ ip neigh add 10.0.0.7 dev v0 nud foo
Error: argument "foo" is wrong: nud state is bad
? 255
$ ip neigh foo
Command "foo" is unknown, try "ip neigh help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
