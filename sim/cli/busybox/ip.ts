import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import { appletProgram, Die, ShowUsage, type Speech } from './failure.ts';
import { ipAddress } from './ip-address.ts';
import { ipLink } from './ip-link.ts';
import { ipNeighbour } from './ip-neighbour.ts';
import { ipRoute } from './ip-route.ts';
import { ipRule } from './ip-rule.ts';
import { IpRun, keyword } from './ip-words.ts';

/** busybox's ip (networking/ip.c). */
export const ip = appletProgram('ip', runIp);

const OBJECTS = {
  address: ipAddress,
  route: ipRoute,
  r: ipRoute,
  link: ipLink,
  tunnel: undefined,
  tunl: undefined,
  rule: ipRule,
  neigh: ipNeighbour,
} as const;

function runIp(process: Process, args: readonly string[], speech: Speech): number | Blocking<number> {
  const run = new IpRun(process, speech, args);
  parseOptions(run);
  if (run.empty) throw new ShowUsage();
  const name = keyword(Object.keys(OBJECTS) as (keyof typeof OBJECTS)[], run.take());
  if (name === undefined) throw new ShowUsage();
  const object = OBJECTS[name];
  if (!object) throw new Die(notModelled('ip', 'the object tunnel').replace(/^ip: |\n$/g, ''));
  return object(run);
}

/** Options in front of the object, with one dash or two (ip_parse_common_args). */
function parseOptions(run: IpRun): void {
  while (!run.empty) {
    const word = run.take();
    if (!word.startsWith('-')) {
      run.back();
      return;
    }
    const option = keyword(['oneline', 'family', '4', '6', '0'], word.replace(/^--?/, ''));
    if (option === undefined) throw new ShowUsage();
    if (option === 'oneline') run.oneline = true;
    else if (option === 'family') setFamily(run, run.value());
    else run.family = option === '4' ? 4 : option === '6' ? 6 : 'link';
  }
}

function setFamily(run: IpRun, name: string): void {
  const family = { inet: 4, inet6: 6, link: 'link' } as const;
  if (!Object.hasOwn(family, name)) throw run.invalid(name, 'family');
  run.family = family[name as keyof typeof family];
}
