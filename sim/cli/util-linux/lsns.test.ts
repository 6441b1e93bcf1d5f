import { expect, test } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';

test('a process that left the network alone is listed in its own namespace, and a named one without anybody', () => {
  const lines = typist(commands)(
    [
      'unshare -n sleep 50 & P=$!; sleep 0.1; ip netns add red',
      'lsns -n -t net -p $P -o TYPE,NPROCS,COMMAND',
      'lsns -P -n -t net -o TYPE,NPROCS,NSFS',
      '[ net:[$(lsns -n -o NS -t net -p $P | tr -d " ")] = $(readlink /proc/$P/ns/net) ] && echo same',
      'lsns -n -p $P -o TYPE | sort | tr "\\n" " "; echo',
      'lsns -J -t net -p $P -o TYPE,NSFS',
      'lsns -r -n -t net -p $P -o NPROCS,COMMAND',
      'kill $P',
    ].join('\n'),
  ).stdout;
  expect(lines).toBe(`net   1 sleep 50
net   0 /run/netns/red
same
cgroup ipc mnt net pid time user uts 
{
   "namespaces": [
      {
         "type": "net",
         "nsfs": null
      }
   ]
}
1 sleep\\x2050
`);
});

test.each([
  ['-t foo', 'lsns: unknown namespace type: foo\n'],
  ['-o FOO', 'lsns: unknown column: FOO\n'],
  ['-p abc', "lsns: invalid PID argument: 'abc'\n"],
  ['12', 'lsns: not found namespace: 12\n'],
])('lsns %s explains itself', (args, stderr) => {
  expect(typist(commands)(`lsns ${args}`)).toMatchObject({ stdout: '', stderr, status: 1 });
});
