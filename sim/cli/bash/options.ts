/** `set -o` options by letter and `shopt` options by name. */
export interface Options {
  /** Letters that are on; long-only options under their name (`pipefail`). */
  flags: Set<string>;
  shopt: Map<string, boolean>;
}

/** `set -o NAME` → its letter, or the name itself when it has none. */
export const SET_OPTIONS: Readonly<Record<string, string>> = {
  allexport: 'a',
  braceexpand: 'B',
  emacs: 'emacs',
  errexit: 'e',
  errtrace: 'E',
  functrace: 'T',
  hashall: 'h',
  histexpand: 'H',
  history: 'history',
  ignoreeof: 'ignoreeof',
  'interactive-comments': 'interactive-comments',
  keyword: 'k',
  monitor: 'm',
  noclobber: 'C',
  noexec: 'n',
  noglob: 'f',
  nolog: 'nolog',
  notify: 'b',
  nounset: 'u',
  onecmd: 't',
  physical: 'P',
  pipefail: 'pipefail',
  posix: 'posix',
  privileged: 'p',
  verbose: 'v',
  vi: 'vi',
  xtrace: 'x',
};

/** Options that exist in bash and would change what happens, but not here. */
export const UNMODELLED_SET = new Set(['k', 't', 'vi']);

const SHOPT_ON = new Set([
  'checkwinsize',
  'cmdhist',
  'complete_fullquote',
  'extquote',
  'force_fignore',
  'globasciiranges',
  'globskipdots',
  'hostcomplete',
  'interactive_comments',
  'patsub_replacement',
  'progcomp',
  'promptvars',
  'sourcepath',
]);

const SHOPT_NAMES =
  'array_expand_once assoc_expand_once autocd bash_source_fullpath cdable_vars cdspell checkhash checkjobs checkwinsize cmdhist compat31 compat32 compat40 compat41 compat42 compat43 compat44 complete_fullquote direxpand dirspell dotglob execfail expand_aliases extdebug extglob extquote failglob force_fignore globasciiranges globskipdots globstar gnu_errfmt histappend histreedit histverify hostcomplete huponexit inherit_errexit interactive_comments lastpipe lithist localvar_inherit localvar_unset login_shell mailwarn no_empty_cmd_completion nocaseglob nocasematch noexpand_translation nullglob patsub_replacement progcomp progcomp_alias promptvars restricted_shell shift_verbose sourcepath varredir_close xpg_echo'.split(
    ' ',
  );

export function initialOptions(): Options {
  return {
    flags: new Set(['h', 'B', 'interactive-comments']),
    shopt: new Map(SHOPT_NAMES.map((name) => [name, SHOPT_ON.has(name)])),
  };
}

/** `$-`: the letters in bash's order. */
export function flagLetters(options: Options, extra: string): string {
  return `${[...'abefhkmnptuvxBCEHPT'].filter((letter) => options.flags.has(letter)).join('')}${extra}`.replace(/^(.*)$/, (all) =>
    sortFlags(all),
  );
}

/** bash prints `i` behind `h` and `c`/`s` at the end. */
function sortFlags(letters: string): string {
  const order = 'abefhikmnprtuvxBCEHPTcs';
  return [...new Set(letters)].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join('');
}
