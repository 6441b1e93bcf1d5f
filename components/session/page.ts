import { Client, type Port } from './client.ts';
import { Session } from './session.ts';

let session: Session | undefined;

/** The page's one session. The page names its world in `<meta name="netdive-world">`. */
export function pageSession(): Session {
  if (!session) {
    const scenario = document.querySelector<HTMLMetaElement>('meta[name="netdive-world"]')?.content ?? '';
    session = new Session(scenario, () => new Client(spare ? take() : launch()));
  }
  return session;
}

let spare: Worker | undefined;

/**
 * Loads and compiles the worker's code before it is needed, when the reader's pointer or focus comes near a cell. No world is
 * made: that takes a click.
 */
export function warmUp(): void {
  if (session?.started || spare) return;
  const worker = launch();
  spare = worker;
  // One that can't be loaded would never say so again to whoever takes it.
  worker.addEventListener('error', () => {
    if (spare === worker) spare = undefined;
  });
}

function take(): Port {
  const worker = spare;
  spare = undefined;
  return worker as unknown as Port;
}

/** The worker is told at once which parts of the simulation the page will need first: the build has noted them at the first cell. */
function launch(): Worker & Port {
  const worker = new Worker(new URL('../../sim/worker/worker.ts', import.meta.url), { type: 'module' }) as Worker & Port;
  const parts = document.querySelector<HTMLElement>('nd-cell[data-parts]')?.dataset.parts;
  if (parts) worker.postMessage({ op: 'expect', parts: parts.split(',') });
  return worker;
}
