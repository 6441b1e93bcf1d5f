import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip];

const BATCH = `link add bb address 02:00:00:00:00:50 type bridge
# a comment

link set bb up
addr add 10.50.0.1/24 dev bb
link set nosuch up
-br -4 addr show dev bb
`;

test('-batch runs the lines of a file, up to the first failure unless -force', () => {
  const recorded = `
$ ip -batch batch
Cannot find device "nosuch"
Command failed batch:6
? 1
$ ip -force -batch batch
RTNETLINK answers: File exists
Command failed batch:1
Error: ipv4: Address already assigned.
Command failed batch:5
Cannot find device "nosuch"
Command failed batch:6
Object "-br" is unknown, try "ip help".
Command failed batch:7
? 1
$ ip -batch /nosuch
Cannot open file "/nosuch" for reading: No such file or directory
? 1
`.slice(1);
  expect(replay(commands, { batch: BATCH }, recorded)).toBe(recorded);
});
