/** What is loaded together: commands that make containers and end them. */
export { attach } from './attach.ts';
export { exec } from './exec.ts';
export { kill, pause, prune, rename, restart, rm, start, stop, unpause, wait } from './lifecycle.ts';
export { logs } from './logs.ts';
export { pull } from './pull.ts';
export { create, run } from './run.ts';
