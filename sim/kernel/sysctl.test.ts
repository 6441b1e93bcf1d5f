import { describe, expect, it } from 'vitest';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from './kernel.ts';
import { UdpSocket } from './socket/udp.ts';

function machine(): Kernel {
  const events = new EventQueue();
  return new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
}

/** What a write says, and what is read afterwards. */
function written({ init }: Kernel, name: string, text: string) {
  return [init.sysctl.set(`net/${name}`, text) ?? 'ok', init.sysctl.get(`net/${name}`)];
}

describe('kernel parameters', () => {
  it('take numbers as the kernel reads them', () => {
    const kernel = machine();
    expect(written(kernel, 'ipv4/ip_forward', '0x1')).toEqual(['ok', '1']);
    expect(written(kernel, 'ipv4/ip_forward', '010')).toEqual(['ok', '8']);
    expect(written(kernel, 'ipv4/ip_forward', '0 and more')).toEqual(['ok', '0']);
    for (const text of ['', 'x', '1x', '+1', '2147483648']) expect(written(kernel, 'ipv4/ip_forward', text)).toEqual(['EINVAL', '0']);
  });

  it('refuse what is out of range, and keep what is not', () => {
    const kernel = machine();
    expect(written(kernel, 'ipv4/ip_default_ttl', '256')).toEqual(['EINVAL', '64']);
    expect(written(kernel, 'ipv4/tcp_ecn', '3')).toEqual(['EINVAL', '2']);
    expect(written(kernel, 'ipv4/tcp_rmem', '4096 5')).toEqual(['ok', '4096\t5\t33554432']);
    expect(written(kernel, 'ipv4/tcp_congestion_control', 'nosuch')).toEqual(['ENOENT', 'reno']);
    expect(written(kernel, 'ipv6/conf/lo/mtu', '1279')).toEqual(['EINVAL', '65536']);
    expect(written(kernel, 'ipv6/conf/lo/addr_gen_mode', '2')).toEqual(['EINVAL', '0']);
    expect(written(kernel, 'ipv4/ip_local_reserved_ports', '80,5-7,6,8')).toEqual(['ok', '5-8,80']);
    expect(written(kernel, 'ipv4/ip_local_port_range', '5000 4000')).toEqual(['EINVAL', '32768\t60999']);
  });

  it('keep times in ticks of four milliseconds', () => {
    const kernel = machine();
    expect(written(kernel, 'ipv4/neigh/lo/retrans_time_ms', '5')).toEqual(['ok', '8']);
    expect(written(kernel, 'ipv4/neigh/lo/locktime', '5')).toEqual(['ok', '4']);
    expect(written(kernel, 'ipv4/neigh/lo/unres_qlen', '50')).toEqual(['ok', '50']);
    expect(kernel.init.sysctl.get('net/ipv4/neigh/lo/unres_qlen_bytes')).toBe('104500');
  });

  it('belong to a namespace, or to the machine and its own one', () => {
    const kernel = machine();
    const other = kernel.newNamespace();
    expect(other.sysctl.below('net/ipv4/neigh')).toEqual(['lo']);
    expect(kernel.init.sysctl.below('net/ipv4/neigh')).toEqual(['default', 'lo']);
    expect(other.sysctl.set('net/core/rmem_max', '8000000')).toBe('EACCES');
    expect(written(kernel, 'core/rmem_max', '8000000')).toEqual(['ok', '8000000']);
    expect(other.sysctl.get('net/core/rmem_max')).toBe('8000000');
    expect(written(kernel, 'nf_conntrack_max', '99')).toEqual(['ok', '99']);
    expect(other.sysctl.get('net/netfilter/nf_conntrack_max')).toBe('99');
    expect(other.sysctl.get('net/core/netdev_max_backlog')).toBeUndefined();
    expect(other.sysctl.set('net/core/somaxconn', '5')).toBeUndefined();
    expect(kernel.init.sysctl.get('net/core/somaxconn')).toBe('4096');
  });

  it('decide which ports are chosen', () => {
    const { init } = machine();
    init.sysctl.set('net/ipv4/ip_local_port_range', '2000 2003');
    init.sysctl.set('net/ipv4/ip_local_reserved_ports', '2000-2002');
    const socket = new UdpSocket(init, 4);
    expect([socket.bind(0, 0), socket.localPort]).toEqual([undefined, 2003]);
  });
});
