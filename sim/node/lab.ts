/** The simulation without a browser, in this process's terminal (lab-command.ts). */
import { lab } from './lab-command.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `lab run … | head` has read enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await lab(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  // npm runs scripts in the project's folder; what the caller typed is relative to where they stand.
  folder: process.env.INIT_CWD ?? '.',
});
