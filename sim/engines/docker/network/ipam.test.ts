import { expect, test } from 'vitest';
import { formatIPv4, formatPrefix, type IPv4, parsePrefix, type Prefix } from '../../../base/address.ts';
import { AddressPool, AddressSpace } from './ipam.ts';

const prefix = (text: string): Prefix<IPv4> => parsePrefix(text) as Prefix<IPv4>;

function subnetOf(pool: unknown): string {
  return pool instanceof AddressPool ? formatPrefix(pool.subnet) : (pool as { message: string }).message;
}

test('addresses are given from the start, and one that was given back is the next to go', () => {
  const pool = new AddressPool(prefix('172.17.0.0/16'));
  const take = (): string => formatIPv4(pool.take() ?? 0);
  expect([take(), take(), take(), take()]).toEqual(['172.17.0.1', '172.17.0.2', '172.17.0.3', '172.17.0.4']);
  pool.release(0xac110002);
  expect([take(), take()]).toEqual(['172.17.0.2', '172.17.0.5']);
});

test('a range starts with its own first address; outside it only what is asked for', () => {
  const pool = new AddressPool(prefix('10.5.0.0/24'), prefix('10.5.0.128/25'));
  expect(formatIPv4(pool.take() ?? 0)).toBe('10.5.0.128');
  expect(pool.takeThis(0x0a050007)).toBe(true);
  expect(pool.takeThis(0x0a050007)).toBe(false);
  expect(pool.takeThis(0x0a060007)).toBe(false);
});

test('a subnet runs out', () => {
  const pool = new AddressPool(prefix('10.0.0.0/30'));
  expect([pool.take(), pool.take(), pool.take()]).toEqual([0x0a000001, 0x0a000002, undefined]);
});

test('default subnets come in the order of the pools and keep away from what is in use', () => {
  const space = new AddressSpace();
  expect(subnetOf(space.requestSubnet(prefix('172.17.0.0/16')))).toBe('172.17.0.0/16');
  expect(subnetOf(space.requestDefault([prefix('172.18.5.0/24')]))).toBe('172.19.0.0/16');
  expect(subnetOf(space.requestDefault([]))).toBe('172.18.0.0/16');
  for (let i = 0; i < 12; i++) space.requestDefault([]);
  expect(subnetOf(space.requestDefault([]))).toBe('192.168.0.0/20');
  for (let i = 0; i < 15; i++) space.requestDefault([]);
  expect(subnetOf(space.requestDefault([]))).toBe('all predefined address pools have been fully subnetted');
});

test('two networks cannot have overlapping subnets', () => {
  const space = new AddressSpace();
  space.requestSubnet(prefix('172.17.0.0/16'));
  expect(subnetOf(space.requestSubnet(prefix('172.17.0.0/24')))).toBe(
    'invalid pool request: Pool overlaps with other one on this address space',
  );
});
