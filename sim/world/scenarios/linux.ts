import { netlinkOf, setUp } from '../machine.ts';
import type { Scenario } from '../scenario.ts';

/** One machine with nothing but loopback. */
export const linux: Scenario = {
  name: 'linux',
  title: 'one Linux host without a network card',
  hosts: ['host1'],
  build(builder) {
    setUp(netlinkOf(builder.host('host1').kernel), 'lo');
  },
};
