import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Answer, type Patience, play, type Request } from './play.ts';
import type { Script } from './script.ts';

/** The oracle's Debian root folder (`sim/oracle/setup-root`). */
const ROOT = process.env.ORACLE_ROOT ?? '/var/tmp/oracle-root';
const CABLE = fileURLToPath(new URL('cable.py', import.meta.url));

/** A real clock, and a machine that may be busy with other things. */
const PATIENCE: Patience = { soon: 3_000_000, part: 0.1, early: 30_000, late: 700_000 };

/** Why no script can be played on this machine's kernel, or `undefined` when one can. */
export function unavailable(): string | undefined {
  if (process.platform !== 'linux') return 'this is no Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync(`${ROOT}/.ready`)) return `the tools' root folder is missing (sim/oracle/setup-root)`;
  const tried = spawnSync('unshare', ['-m', '-n', '-u', '--', 'ip', 'link', 'add', 'try0', 'type', 'veth', 'peer', 'name', 'try1']);
  if (tried.error || tried.status !== 0) return 'namespaces are not allowed here';
  return spawnSync('python3', ['--version']).status === 0 ? undefined : 'python3 is missing';
}

/** Plays a script on the real kernel. Resolves to what went wrong first, or `undefined`. */
export async function playReal(script: Script, say: (text: string) => void = () => {}): Promise<string | undefined> {
  const child = spawn('unshare', ['-n', '--', 'python3', CABLE, ROOT, ...script.cables], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(complaint.slice(-500) || 'the machine is gone');
    const { time, output, sent } = JSON.parse(value) as { time: number; output?: string; sent?: { device: string; frame: string } };
    return { time, ...(output === undefined ? {} : { output }), sent: sent && { device: sent.device, frame: fromHex(sent.frame) } };
  };
  try {
    await heard();
    const playing = play(script, PATIENCE);
    let next = playing.next();
    while (!next.done) {
      if (next.value.do === 'say') {
        say(next.value.text);
        next = playing.next({ time: 0 });
        continue;
      }
      child.stdin.write(`${JSON.stringify(asJson(next.value))}\n`);
      next = playing.next(await heard());
    }
    return next.value;
  } finally {
    child.stdin.end();
  }
}

function asJson(request: Request): unknown {
  return request.do === 'inject' ? { ...request, frame: Buffer.from(request.frame).toString('hex') } : request;
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
