import { describe, expect, it } from 'vitest';
import { run, testMachine } from '../harness.ts';
import { ipvsadm } from './ipvsadm.ts';

function machine() {
  const host = testMachine([ipvsadm]);
  const call = (line: string, stdin = '') => run(host, '/usr/sbin/ipvsadm', line.split(' '), { stdin });
  return { host, call };
}

describe('ipvsadm', () => {
  it('lists services by protocol and address, servers by theirs', () => {
    const { call } = machine();
    call('-A -t 10.96.41.7:80 -s rr');
    call('-a -t 10.96.41.7:80 -r 10.244.2.9:8080 -m');
    call('-a -t 10.96.41.7:80 -r 10.244.1.12:8080 -m');
    call('-A -t 10.96.0.1:443 -s rr -p 10800');
    expect(call('-L -n').stdout).toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.96.0.1:443 rr persistent 10800
TCP  10.96.41.7:80 rr
  -> 10.244.1.12:8080             Masq    1      0          0         
  -> 10.244.2.9:8080              Masq    1      0          0         
`);
  });

  it('restores what it saved', () => {
    const { call } = machine();
    const saved =
      '-A -t 10.0.0.1:80 -s wrr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 3\n-A -u 10.0.0.1:53 -s sh -p 60 -M 255.255.255.0\n-A -f 7 -s lc\n';
    expect(call('-R', saved)).toMatchObject({ status: 0, stderr: '' });
    expect(call('-S -n').stdout).toBe(saved);
  });

  it('says what is wrong in the words of the real one', () => {
    const { call } = machine();
    call('-A -t 10.0.0.1:80');
    const errors: [string, string, number][] = [
      ['-A -t 10.0.0.1:80', 'Service already exists', 255],
      ['-D -t 10.0.0.9:80', 'No such service', 255],
      ['-a -t 10.0.0.9:80 -r 10.0.0.2', 'Service not defined', 255],
      ['-d -t 10.0.0.1:80 -r 10.0.0.2:80', 'No such destination', 255],
      ['-A -s rr', "You need to supply the 'service-address' option for the 'add-service' command", 2],
      ['-L -s rr', "Illegal 'scheduler' option with the 'list' command", 2],
      ['-A -t 10.0.0.1', 'Zero port specified for non-persistent service', 2],
      ['-a -t 10.0.0.1:80 -r 10.0.0.2 -w many', 'illegal weight specified', 2],
      ['--set 1 2', '--set option requires 3 timeout values', 2],
    ];
    for (const [line, text, status] of errors) expect(call(line), line).toMatchObject({ stderr: `${text}\n`, status });
    expect(call('-A -t 10.0.0.2:80 -s wlib').stderr).toBe('Scheduler or persistence engine not found\n');
    call('-A -t [fd00::1]:80');
    expect(call('-a -t [fd00::1]:80 -r [fd00::2]:80 -i').stderr).toContain('tunnels of IPv6');
    expect(call('-a -t [fd00::1]:80 -r 10.0.0.2:80 -m').stderr).toBe('Invalid argument\n');
  });

  it('writes addresses of IPv6 in brackets, and their masks as lengths', () => {
    const { call } = machine();
    const saved =
      '-A -t 10.0.0.1:80 -s mh\n-a -t 10.0.0.1:80 -r 10.0.0.9:80 -i -w 1\n-A -t [fd00::1]:80 -s lblcr -p 60 -M 64\n-a -t [fd00::1]:80 -r [fd00::2]:8080 -m -w 3\n-A -f 7 -6 -s twos\n';
    expect(call('-R', saved)).toMatchObject({ status: 0, stderr: '' });
    expect(call('-S -n').stdout).toBe(saved);
    expect(call('-L -n').stdout).toContain('TCP  [fd00::1]:80 lblcr persistent 60 mask 64\n  -> [fd00::2]:8080               Masq    3');
    expect(call('-L -n').stdout).toContain('FWM  7 IPv6 twos\n');
  });

  it('keeps the parameters under net/ipv4/vs', () => {
    const { host, call } = machine();
    call('-L');
    const { sysctl } = host.init.namespaces.net;
    expect(sysctl.below('net/ipv4/vs')).toContain('conntrack');
    expect(sysctl.set('net/ipv4/vs/conntrack', '1')).toBeUndefined();
    expect(host.init.namespaces.net.netfilter.ipvs.settings.conntrack).toBe(1);
  });
});
