import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip];

test('rules are added in front of the three that are always there', () => {
  const recorded = `
$ ip rule
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default
$ ip -j rule
[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]
$ ip -6 rule
0:	from all lookup local
32766:	from all lookup main
$ ip rule add from 10.0.0.0/8 table 100
$ ip rule add fwmark 0x1 table 200 pref 50
$ ip rule add to 1.2.3.4 iif lo blackhole
$ ip rule
0:	from all lookup local
49:	from all to 1.2.3.4 iif lo blackhole
50:	from all fwmark 0x1 lookup 200
32765:	from 10.0.0.0/8 lookup 100
32766:	from all lookup main
32767:	from all lookup default
$ ip rule del pref 50
$ ip rule del from 10.0.0.0/8 table 100
$ ip rule del from 10.0.0.0/8 table 100
RTNETLINK answers: No such file or directory
? 2
$ ip rule add
"ip rule add" requires arguments.
? 1
$ ip rule add from x
Error: any valid prefix is expected rather than "x".
? 1
$ ip rule add table foo
Error: argument "foo" is wrong: invalid table ID

? 255
$ ip rule add from 1.2.3.4 foo
Error: argument "foo" is wrong: Failed to parse rule type
? 255
$ ip rule flush
$ ip rule
0:	from all lookup local
$ ip rule foo
Command "foo" is unknown, try "ip rule help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
