import { expect, it } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';
import { loadEverything } from '../../load.ts';

await loadEverything();

/** Dates and speeds differ from run to run. */
const plain = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'NOW')
    .replace(/ +[\d.]+[KMG]?=\S+/g, ' RATE')
    .replace(/\([\d.]+ [KMG]?B\/s\)/g, '(RATE)');

const type = typist(commands, { '/srv/index.html': '<html>hello from web</html>\n', '/srv/a.txt': 'abc\n' });
type('busybox httpd -p 8099 -h /srv');
const wget = (args: string) => {
  const { stdout, stderr, status } = type(`export LC_ALL=C.UTF-8; cd /tmp; wget ${args}`);
  return [stdout, plain(stderr), status];
};

// Each as GNU wget 1.25 printed it.
it('saves a document and tells how', () => {
  const log = (name: string) => `--NOW--  http://127.0.0.1:8099/
Connecting to 127.0.0.1:8099... connected.
HTTP request sent, awaiting response... 200 OK
Length: 28 [text/html]
Saving to: ‘${name}’

     0K                                                       100% RATE

NOW (RATE) - ‘${name}’ saved [28/28]

`;
  expect(wget('http://127.0.0.1:8099/')).toEqual(['', log('index.html'), 0]);
  expect(wget('http://127.0.0.1:8099/')).toEqual(['', log('index.html.1'), 0]);
  expect(wget('-qO- http://127.0.0.1:8099/')).toEqual(['<html>hello from web</html>\n', '', 0]);
  expect(wget('-nv -O x http://127.0.0.1:8099/')).toEqual(['', 'NOW URL:http://127.0.0.1:8099/ [28/28] -> "x" [1]\n', 0]);
});

it('tells what went wrong, and how badly by its exit status', () => {
  expect(wget('http://127.0.0.1:8099/nope')).toEqual([
    '',
    `--NOW--  http://127.0.0.1:8099/nope
Connecting to 127.0.0.1:8099... connected.
HTTP request sent, awaiting response... 404 Not Found
NOW ERROR 404: Not Found.

`,
    8,
  ]);
  expect(wget('http://127.0.0.1:8098/')).toEqual([
    '',
    '--NOW--  http://127.0.0.1:8098/\nConnecting to 127.0.0.1:8098... failed: Connection refused.\n',
    4,
  ]);
  expect(wget('-nv http://127.0.0.1:8098/ http://127.0.0.1:8099/nope')).toEqual([
    '',
    'failed: Connection refused.\nhttp://127.0.0.1:8099/nope:\nNOW ERROR 404: Not Found.\n',
    4,
  ]);
  expect(wget('-O /nodir/x http://127.0.0.1:8099/')).toEqual(['', '/nodir/x: No such file or directory\n', 1]);
  expect(wget('-T abc http://127.0.0.1:8099/')).toEqual(['', 'wget: --timeout: Invalid time period ‘abc’\n', 2]);
  expect(wget('-d http://127.0.0.1:8099/')).toEqual(['', "wget: option '-d' is not modelled (see sim/FIDELITY.md)\n", 2]);
  expect(wget('-nz http://127.0.0.1:8099/')[1]).toMatch(/^wget: illegal option -- `-nz'\nUsage: /);
  expect(wget('-w -1 x')).toEqual(['', 'wget: --wait: Negative time period ‘-1’\n', 2]);
  expect(wget('-q -O- 127.0.0.1:8099')[1]).toBe("Prepended http:// to '127.0.0.1:8099'\n");
  expect(wget('-nv -P . http://127.0.0.1:8099/a.txt; rm a.txt')[1]).toContain('"./a.txt"');
  expect(wget('--spider=maybe x')).toEqual(['', "wget: --spider: Invalid boolean ‘maybe’; use `on' or `off'.\n", 2]);
});

it('only looks whether a document is there', () => {
  expect(wget('--spider http://127.0.0.1:8099/a.txt')[1]).toBe(`Spider mode enabled. Check if remote file exists.
--NOW--  http://127.0.0.1:8099/a.txt
Connecting to 127.0.0.1:8099... connected.
HTTP request sent, awaiting response... 200 OK
Length: 4 [text/plain]
Remote file exists.

`);
  expect(wget('-nv --spider http://127.0.0.1:8099/nope')).toEqual([
    '',
    'http://127.0.0.1:8099/nope:\nRemote file does not exist -- broken link!!!\n',
    8,
  ]);
});

it('takes what is missing of a file, what is newer, or nothing', () => {
  type('mkdir /tmp/part; seq 1 2000 > /srv/big; head -c 100 /srv/big > /tmp/part/big; touch -d "2024-05-06 07:08:09" /srv/a.txt');
  expect(wget('-c -P part http://127.0.0.1:8099/big')[1]).toBe(`--NOW--  http://127.0.0.1:8099/big
Connecting to 127.0.0.1:8099... connected.
HTTP request sent, awaiting response... 206 Partial Content
Length: 8893 (8.7K), 8793 (8.6K) remaining [text/html]
Saving to: ‘part/big’

     0K
     0K ........                                              100% RATE

NOW (RATE) - ‘part/big’ saved [8893/8893]

`);
  expect(type('cmp /srv/big /tmp/part/big').status).toBe(0);
  expect(wget('-c -P part http://127.0.0.1:8099/big')[1]).toMatch(/\n {4}The file is already fully retrieved; nothing to do\.\n\n$/);
  expect(wget('-nv -N -P part http://127.0.0.1:8099/a.txt')[1]).toBe('NOW URL:http://127.0.0.1:8099/a.txt [4/4] -> "part/a.txt" [1]\n');
  expect(type('stat -c %y /tmp/part/a.txt').stdout).toBe('2024-05-06 07:08:09.000000000 +0000\n');
  expect(wget('-N -P part http://127.0.0.1:8099/a.txt')[1]).toMatch(/\nServer ignored If-Modified-Since header for file ‘part\/a.txt’\.\n/);
  expect(wget('-nc -P part http://127.0.0.1:8099/a.txt')).toEqual(['', 'File ‘part/a.txt’ already there; not retrieving.\n\n', 0]);
});

it('writes its log to a file, and goes on in the background', () => {
  expect(
    wget('-nv -o log http://127.0.0.1:8099/nope; cat log; wget -nv -a log -O /dev/null http://127.0.0.1:8099/a.txt; tail -1 log')[0],
  ).toMatch(/^http:\/\/127.0.0.1:8099\/nope:\n\S+ \S+ ERROR 404: Not Found\.\n\S+ \S+ URL:\S+ \[4\/4\] -> "\/dev\/null" \[1\]\n$/);
  const { stdout } = type('cd /tmp; wget -nv -b http://127.0.0.1:8099/a.txt | sed "s/[0-9][0-9]*/N/"; sleep 0.5; cut -d" " -f3- wget-log');
  expect(stdout).toBe(
    'Continuing in background, pid N.\nOutput will be written to \'wget-log\'.\nURL:http://127.0.0.1:8099/a.txt [4/4] -> "a.txt" [1]\n',
  );
});

it('tells its name and password when it is asked', () => {
  const challenge = "printf 'HTTP/1.1 401 No\\r\\nWWW-Authenticate: Basic realm=x\\r\\nContent-Length: 0\\r\\n\\r\\n'";
  const document = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n'";
  const { stdout, stderr } = type(
    `cd /tmp; (${challenge}; sleep 0.3; ${document}) | nc -N -l -p 9004 > got & sleep 0.2; wget -O- --user=u --password=p http://127.0.0.1:9004/; wait; grep Auth got`,
  );
  expect(plain(stderr)).toContain(`HTTP request sent, awaiting response... 401 No
Authentication selected: Basic realm=x
Reusing existing connection to 127.0.0.1:9004.
HTTP request sent, awaiting response... 200 OK
`);
  expect(stdout).toBe('hi\nAuthorization: Basic dTpw\r\n');
});

it('tries again when the connection breaks, into the same file', () => {
  const answer = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nabc' | nc -N -l -p 9003 > /dev/null; ";
  const { stderr } = type(`export LC_ALL=C.UTF-8; cd /tmp; (${answer}${answer}) & sleep 0.2; wget -t 2 -P new/dir http://127.0.0.1:9003/p`);
  const once = `Connecting to 127.0.0.1:9003... connected.
HTTP request sent, awaiting response... 200 OK
Length: 10
Saving to: ‘new/dir/p’

     0K                                                        30% RATE

NOW (RATE) - Connection closed at byte 3. `;
  expect(plain(stderr)).toBe(
    `--NOW--  http://127.0.0.1:9003/p\n${once}Retrying.\n\n--NOW--  (try: 2)  http://127.0.0.1:9003/p\n${once}Giving up.\n\n`,
  );
});
