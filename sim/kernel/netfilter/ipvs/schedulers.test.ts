import { describe, expect, it } from 'vitest';
import { type SchedulerName, schedule } from './schedulers.ts';
import { Destination, Service } from './service.ts';

/** A service whose servers a, b, c have these weights; the kernel looks at the latest first, so c was added first. */
function service(scheduler: SchedulerName, weights: readonly number[]): Service {
  const made = new Service({ mark: 1 }, { scheduler, persistence: undefined, netmask: 0xffff_ffff, onePacket: false });
  for (const [index, weight] of weights.entries())
    made.destinations.push(new Destination(index + 1, 80, { weight, forwarding: 'masq', upperThreshold: 0, lowerThreshold: 0 }));
  return made;
}

const names = (made: Service, count: number, client = 0) =>
  Array.from(
    { length: count },
    () => 'abc'[((schedule(made, { client, virtual: 0, now: 0, random: () => 0 })?.address ?? 0) as number) - 1] ?? '-',
  ).join('');

describe('the schedulers of IPVS', () => {
  it('rr takes one after the other and leaves out weight 0', () => {
    expect(names(service('rr', [1, 5, 1]), 6)).toBe('abcabc');
    expect(names(service('rr', [1, 0, 1]), 4)).toBe('acac');
    expect(names(service('rr', [0, 0, 0]), 2)).toBe('--');
  });

  it('wrr takes each as often as its weight says, the heavy ones first', () => {
    expect(names(service('wrr', [4, 3, 2]), 9)).toBe('aababcabc');
  });

  it('lc and wlc look at connections, active ones above all', () => {
    const made = service('lc', [1, 1, 1]);
    Object.assign(made.destinations[0] as Destination, { active: 1 });
    Object.assign(made.destinations[1] as Destination, { inactive: 255 });
    expect(names(made, 1)).toBe('c');
    Object.assign(made.destinations[2] as Destination, { active: 2 });
    expect(names(made, 1)).toBe('b');
    const weighted = service('wlc', [1, 3]);
    Object.assign(weighted.destinations[0] as Destination, { active: 1 });
    Object.assign(weighted.destinations[1] as Destination, { active: 2 });
    expect(names(weighted, 1)).toBe('b');
  });

  it('nq prefers who has nothing to do, sed who would finish first', () => {
    const made = service('nq', [10, 1]);
    Object.assign(made.destinations[0] as Destination, { active: 1 });
    expect(names(made, 1)).toBe('b');
    const sed = service('sed', [10, 1]);
    Object.assign(sed.destinations[0] as Destination, { active: 1 });
    expect(names(sed, 1)).toBe('a');
  });

  it('sh gives a client the same server again and again', () => {
    const made = service('sh', [1, 1, 1]);
    for (const client of [1, 2, 3, 77]) expect(new Set(names(made, 5, client)).size).toBe(1);
  });

  it('lblc keeps an address at its server until that is overrun; lblcr then adds another to those of the address', () => {
    const made = service('lblc', [2, 4, 4]);
    const [a, b] = made.destinations as [Destination, Destination];
    expect(names(made, 3)).toBe('aaa');
    a.active = 3;
    expect(names(made, 2)).toBe('bb');
    a.active = 0;
    expect(names(made, 1)).toBe('b');
    const both = service('lblcr', [2, 4, 4]);
    expect(names(both, 1)).toBe('a');
    Object.assign(both.destinations[0] as Destination, { active: 3 });
    expect(names(both, 1)).toBe('b');
    Object.assign(both.destinations[0] as Destination, { active: 0 });
    b.active = 0;
    expect(names(both, 1)).toBe('a');
  });

  it('mh leaves nearly all clients where they are when a server comes or goes', () => {
    const made = service('mh', [1, 1, 1]);
    const before = Array.from({ length: 300 }, (_, client) => names(made, 1, client)).join('');
    for (const name of 'abc') expect(before.split(name).length - 1).toBeGreaterThan(70);
    Object.assign(made.destinations[2] as Destination, { weight: 0 });
    const after = Array.from({ length: 300 }, (_, client) => names(made, 1, client)).join('');
    const moved = [...before].filter((name, i) => name !== 'c' && name !== after[i]).length;
    expect(moved).toBeLessThan(30);
    expect(after).not.toContain('c');
  });
});
