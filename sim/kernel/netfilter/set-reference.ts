import type { Direction } from './ipset/packet.ts';
import { type ParseContext, problem, type Problem } from './options.ts';

/** A rule's mention of a set: its name, and where each part of an element comes from. */
export interface SetReference {
  name: string;
  directions: readonly Direction[];
}

/** Directions that a rule can give (IPSET_DIM_MAX). */
const MAX_DIRECTIONS = 6;

/** Reads `NAME src,dst,…` (parse_dirs, get_set_byname of libxt_set.h). */
export function setReference(values: readonly string[], context: ParseContext): SetReference | Problem {
  const [name = '', flags = ''] = values;
  const family = context.setFamily(name);
  if (family === undefined) return problem(`Set ${name} doesn't exist.\n`);
  if (family !== 0 && family !== context.family)
    return problem(`The protocol family of set ${name} is ${family === 4 ? 'IPv4' : 'IPv6'}, which is not applicable.\n`);
  const directions = flags.split(',').filter((word) => word !== '');
  for (const [index, word] of directions.entries()) {
    if (index >= MAX_DIRECTIONS) return problem(`Can't be more src/dst options than ${MAX_DIRECTIONS}.`);
    if (word !== 'src' && word !== 'dst') return problem("You must specify (the comma separated list of) 'src' or 'dst'.");
  }
  return { name, directions: directions as Direction[] };
}
