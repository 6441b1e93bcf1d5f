import { expect, test } from 'vitest';
import { PortAllocator } from './port-allocator.ts';

const [ANY, ANY6, LOOPBACK, OTHER] = [0, 0n, 0x7f000001, 0xc0a8320b];

test('a port that was given back is not the next to go', () => {
  const ports = new PortAllocator();
  const next = (protocol = 'tcp'): unknown => ports.request([ANY, ANY6], protocol, 32_768, 60_999);
  expect([next(), next(), next('udp')]).toEqual([32_768, 32_769, 32_768]);
  ports.release(ANY, 'tcp', 32_768);
  ports.release(ANY6, 'tcp', 32_768);
  expect(next()).toBe(32_770);
});

test('a port is taken on its address, and a wildcard is every address of its family', () => {
  const ports = new PortAllocator();
  expect(ports.request([LOOPBACK], 'tcp', 8080, 8080)).toBe(8080);
  expect(ports.request([OTHER], 'tcp', 8080, 8080)).toBe(8080);
  expect(ports.request([ANY6], 'tcp', 8080, 8080)).toBe(8080);
  expect(ports.request([ANY, ANY6], 'tcp', 8080, 8080)).toEqual({ refused: 'Bind for 127.0.0.1:8080 failed: port is already allocated' });
  expect(ports.request([ANY], 'udp', 8080, 8080)).toBe(8080);
  expect(ports.request([LOOPBACK], 'udp', 8080, 8080)).toEqual({ refused: 'Bind for 0.0.0.0:8080 failed: port is already allocated' });
});

test('a range goes round once', () => {
  const ports = new PortAllocator();
  const next = (): unknown => ports.request([ANY], 'tcp', 7_000, 7_002);
  ports.request([ANY], 'tcp', 7_001, 7_001);
  expect([next(), next(), next()]).toEqual([7_000, 7_002, { refused: 'all ports are allocated' }]);
  ports.release(ANY, 'tcp', 7_000);
  expect(next()).toBe(7_000);
});
