import { colon, echo, falseBuiltin, letBuiltin, printf, test } from './basic.ts';
import type { Builtin } from './builtin.ts';
import { cd, dirs, popd, pushd, pwd } from './directory.ts';
import { bg, disown, fg, jobs, wait } from './jobs.ts';
import { kill } from './kill.ts';
import { mapfile } from './mapfile.ts';
import { caller, compgen, getopts, help, history, times, trap, ulimit, umask } from './misc.ts';
import { alias, builtin, command, enable, hash, type, unalias } from './names.ts';
import { read } from './read.ts';
import { set, shopt, unset } from './set.ts';

export { runDeclaration } from './declare.ts';

/** The builtins that are loaded with the first of them, apart from `declare` and its kin. Adding one: its function and a line here, its name in `names-list.ts`. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', colon],
  ['true', colon],
  ['false', falseBuiltin],
  ['[', test],
  ['test', test],
  ['alias', alias],
  ['unalias', unalias],
  ['bg', bg],
  ['builtin', builtin],
  ['caller', caller],
  ['cd', cd],
  ['command', command],
  ['compgen', compgen],
  ['dirs', dirs],
  ['disown', disown],
  ['echo', echo],
  ['enable', enable],
  ['fg', fg],
  ['getopts', getopts],
  ['hash', hash],
  ['help', help],
  ['history', history],
  ['jobs', jobs],
  ['kill', kill],
  ['let', letBuiltin],
  ['mapfile', mapfile],
  ['readarray', mapfile],
  ['popd', popd],
  ['printf', printf],
  ['pushd', pushd],
  ['pwd', pwd],
  ['read', read],
  ['set', set],
  ['shopt', shopt],
  ['times', times],
  ['trap', trap],
  ['type', type],
  ['ulimit', ulimit],
  ['umask', umask],
  ['unset', unset],
  ['wait', wait],
]);
