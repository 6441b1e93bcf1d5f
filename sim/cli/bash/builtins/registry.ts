import { colon, echo, falseBuiltin, letBuiltin, printf, test } from './basic.ts';
import type { Builtin } from './builtin.ts';
import { cd, dirs, popd, pushd, pwd } from './directory.ts';
import { breakBuiltin, evalBuiltin, exec, exit, returnBuiltin, shift, source } from './flow.ts';
import { bg, disown, fg, jobs, wait } from './jobs.ts';
import { kill } from './kill.ts';
import { mapfile } from './mapfile.ts';
import { caller, compgen, getopts, help, history, times, trap, ulimit, umask } from './misc.ts';
import { alias, builtin, command, enable, hash, type, unalias } from './names.ts';
import { read } from './read.ts';
import { set, shopt, unset } from './set.ts';

/** The builtins, apart from `declare` and its kin, whose arguments are read in a way of their own. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', colon],
  ['true', colon],
  ['false', falseBuiltin],
  ['.', source],
  ['source', source],
  ['[', test],
  ['test', test],
  ['alias', alias],
  ['unalias', unalias],
  ['bg', bg],
  ['break', breakBuiltin],
  ['continue', breakBuiltin],
  ['builtin', builtin],
  ['caller', caller],
  ['cd', cd],
  ['command', command],
  ['compgen', compgen],
  ['dirs', dirs],
  ['disown', disown],
  ['echo', echo],
  ['enable', enable],
  ['eval', evalBuiltin],
  ['exec', exec],
  ['exit', exit],
  ['logout', exit],
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
  ['return', returnBuiltin],
  ['set', set],
  ['shift', shift],
  ['shopt', shopt],
  ['times', times],
  ['trap', trap],
  ['type', type],
  ['ulimit', ulimit],
  ['umask', umask],
  ['unset', unset],
  ['wait', wait],
]);
