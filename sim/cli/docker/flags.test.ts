import { expect, test } from 'vitest';
import { RUN } from './options/create.ts';
import { LOGS, STOP } from './options/containers.ts';
import { flagUsages, parseFlags } from './flags.ts';
import { parsePorts } from './commands/ports.ts';

test('docker run stops reading flags at the image', () => {
  const parsed = parseFlags(RUN, ['-itd', '--name', 'web', '-eA=1', '--rm=false', 'busybox', 'ls', '-l'], false);
  if ('error' in parsed) throw new Error(parsed.error);
  expect(parsed.operands).toEqual(['busybox', 'ls', '-l']);
  expect(parsed.values.last('name')).toBe('web');
  expect(parsed.values.on('tty')).toBe(true);
  expect(parsed.values.on('rm')).toBe(false);
  expect(parsed.values.all('env')).toEqual(['A=1']);
});

test.each([
  [['--foo'], 'unknown flag: --foo'],
  [['-y', 'busybox'], "unknown shorthand flag: 'y' in -y"],
  [['--name'], 'flag needs an argument: --name'],
  [['-e', ''], 'invalid argument "" for "-e, --env" flag: invalid environment variable: '],
  [['-e', '=a'], 'invalid argument "=a" for "-e, --env" flag: invalid environment variable: =a'],
  [['--add-host', 'bad'], 'invalid argument "bad" for "--add-host" flag: bad format for add-host: "bad"'],
  [['--add-host', 'foo:xyz'], 'invalid argument "foo:xyz" for "--add-host" flag: invalid IP address in add-host: "xyz"'],
  [['--dns', 'xyz'], 'invalid argument "xyz" for "--dns" flag: IP address is not correctly formatted: xyz'],
  [['--sysctl', 'foo=1'], 'invalid argument "foo=1" for "--sysctl" flag: sysctl \'foo=1\' is not allowed'],
])('docker run %j: %s', (args, error) => {
  expect(parseFlags(RUN, args, false)).toEqual({ error });
});

test('a number must be one, and an old name still works with a notice', () => {
  expect(parseFlags(STOP, ['-t', 'foo', 'b1'], true)).toEqual({
    error: 'invalid argument "foo" for "-t, --timeout" flag: strconv.ParseInt: parsing "foo": invalid syntax',
  });
  const parsed = parseFlags(STOP, ['--time=1', 'b1'], true);
  expect('notices' in parsed && parsed.notices).toEqual(['Flag --time has been deprecated, use --timeout instead']);
});

test('what the real command has and ours does not is named', () => {
  expect(parseFlags(RUN, ['--memory', '1g', 'busybox'], false)).toEqual({ error: '--memory', unmodelled: '--memory' });
});

test('the help breaks long descriptions as docker does in 80 columns', () => {
  expect(flagUsages(LOGS, 79)).toBe(`      --details        Show extra details provided to logs
  -f, --follow         Follow log output
      --since string   Show logs since timestamp (e.g.
                       "2013-01-02T13:23:37Z") or relative (e.g. "42m"
                       for 42 minutes)
  -n, --tail string    Number of lines to show from the end of the logs
                       (default "all")
  -t, --timestamps     Show timestamps
      --until string   Show logs before a timestamp (e.g.
                       "2013-01-02T13:23:37Z") or relative (e.g. "42m"
                       for 42 minutes)
`);
});

test('ports are parsed with ranges, addresses and protocols', () => {
  expect(parsePorts(['8080:80', '127.0.0.1:9000-9001:90-91/udp'], ['70'])).toEqual({
    exposed: ['80/tcp', '90/udp', '91/udp', '70/tcp'],
    bindings: {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '90/udp': [{ HostIp: '127.0.0.1', HostPort: '9000' }],
      '91/udp': [{ HostIp: '127.0.0.1', HostPort: '9001' }],
    },
  });
  expect(parsePorts(['80:foo'], [])).toEqual({ error: 'Invalid containerPort: foo' });
  expect(parsePorts(['99999:80'], [])).toEqual({ error: 'Invalid hostPort: 99999' });
  expect(parsePorts(['1.2.3:80:80'], [])).toEqual({ error: 'Invalid ip address: 1.2.3' });
});
