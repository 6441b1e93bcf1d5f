// `npm test`: installs what is missing (the browser and readers of captures included), then runs every check there is and counts them all.
// `npm test -- NAME…` runs only the stages whose names start so.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './browser.mjs';
import { ensureInstalled, environment, fail, nodeCommand, ROOT } from './bootstrap.mjs';
import { ensureReaders } from './readers.mjs';
import { stages } from './stages.mjs';

const CHECK_ENV = { ASTRO_TELEMETRY_DISABLED: '1', CI: '1', FORCE_COLOR: '0', NO_COLOR: '1' };

ensureInstalled();
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix));
const browser = isWanted('browser') ? ensureBrowser() : {};
if (isWanted('unit')) ensureReaders();
const reports = mkdtempSync(join(tmpdir(), 'netdive-test-'));
const rows = [];
const chosen = stages(reports, browser.path).filter(({ name }) => isWanted(name));
if (chosen.length === 0) fail(`no stage's name starts with ${wanted.join(' or ')}`, 2);

await Promise.all([lane('code'), lane('site')]);
// The browser tests wait for pages to react: they get the machine for themselves.
await lane('browser');
rmSync(reports, { recursive: true, force: true });

const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function lane(name) {
  for (const stage of chosen.filter((candidate) => candidate.lane === name)) await runStage(stage);
}

async function runStage(stage) {
  const began = performance.now();
  const { status, output } =
    stage.lane === 'browser' && !browser.path ? { status: 1, output: `${browser.reason}\n` } : await runCommand(stage);
  const counted = count(stage, status);
  rows.push(...counted);
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  for (const row of counted) {
    const skipped = row.skipped ? `, ${row.skipped} skipped` : '';
    console.log(`${row.failed ? '✗' : '✓'} ${row.name}: ${row.passed} passed, ${row.failed} failed${skipped} (${took})`);
  }
  const failed = counted.some((row) => row.failed > 0);
  if (failed) process.stdout.write(`${indent(output)}\n`);
  else for (const table of tables(output)) process.stdout.write(`${indent(table)}\n`);
}

/** A stage without tests of its own counts as one; a report that is missing, or success that the exit status denies, is a failure. */
function count(stage, status) {
  if (!stage.count) return [{ name: stage.name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 }];
  try {
    const counted = stage.count();
    if (status === 0 || counted.some((row) => row.failed > 0)) return counted;
    return [...counted, { name: stage.name, passed: 0, failed: 1 }];
  } catch {
    return [{ name: stage.name, passed: 0, failed: 1 }];
  }
}

function runCommand(stage) {
  const [node, args] = nodeCommand(stage.script, stage.args);
  const child = spawn(node, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: environment({ ...CHECK_ENV, ...stage.env }) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, output: `${error.message}\n` }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

/** What tests print between these marks is for the reader of a run that passed, too. */
function tables(output) {
  return [...output.matchAll(/^=== (.*)\n([\s\S]*?)^===$/gm)].map(([, title, body]) => `${title}\n${body}`);
}

function indent(text) {
  return text.replace(/\n+$/, '').replaceAll(/^/gm, '    ');
}
