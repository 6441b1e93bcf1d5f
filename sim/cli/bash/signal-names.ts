/** Every signal's number and name on Linux x86-64, real-time ones included, as `kill -l` lists them. */
export function signalNames(): Map<number, string> {
  const standard =
    'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
      ' ',
    );
  const names = new Map(standard.map((name, i) => [i + 1, `SIG${name}`]));
  for (let i = 0; i <= 30; i++) {
    names.set(34 + i, i === 0 ? 'SIGRTMIN' : i <= 15 ? `SIGRTMIN+${i}` : i === 30 ? 'SIGRTMAX' : `SIGRTMAX-${30 - i}`);
  }
  return names;
}
