// The stages of `npm test`: what each runs and how its tests are counted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageCommand, ROOT } from './bootstrap.mjs';

/** The addresses for which the site is built and tested: the top of a server, and a fork's project page. */
const BASES = ['/', '/fork/'];

/**
 * A stage: a command, and what of it counts. `lane` says which stages may not run side by side (they write the same files);
 * lanes run in parallel, the stages of the last lane after all others.
 *
 * @typedef {{ name: string, lane: string, script: string, args: string[], env?: Record<string, string>,
 *   count?: (status: number) => Row[] }} Stage
 * @typedef {{ name: string, passed: number, failed: number, skipped?: number }} Row
 */

/** @returns {Stage[]} in the order in which a lane runs them */
export function stages(reports, browser) {
  const typescript = packageCommand('typescript', 'tsc');
  const astro = packageCommand('astro');
  const unit = join(reports, 'unit.json');
  const journeys = join(reports, 'browser.json');
  return [
    { name: 'types: sim', lane: 'code', script: typescript, args: ['--noEmit', '-p', 'sim/tsconfig.json'] },
    { name: "types: sim's tests", lane: 'code', script: typescript, args: ['--noEmit', '-p', 'sim/tsconfig.test.json'] },
    { name: 'lint', lane: 'code', script: packageCommand('@biomejs/biome', 'biome'), args: ['check', '--error-on-warnings', '.'] },
    {
      name: 'unit',
      lane: 'code',
      script: packageCommand('vitest'),
      args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unit}`],
      count: () => vitestRows(unit),
    },
    ...BASES.map((base) => ({
      name: `build ${base}`,
      lane: 'site',
      script: astro,
      args: ['build', '--outDir', outDir(base)],
      env: { BASE: base },
    })),
    // Building writes the content collections' types, which both of these need.
    { name: 'types: site', lane: 'site', script: packageCommand('@astrojs/check', 'astro-check'), args: [] },
    { name: 'types: all', lane: 'site', script: typescript, args: ['--noEmit', '-p', 'tsconfig.json'] },
    {
      name: 'browser',
      lane: 'browser',
      script: packageCommand('@playwright/test', 'playwright'),
      args: ['test', '--reporter=list,json'],
      env: { ...(browser ? { CHROMIUM: browser } : {}), PLAYWRIGHT_JSON_OUTPUT_FILE: journeys },
      count: () => playwrightRows(journeys),
    },
  ];
}

function outDir(base) {
  return base === '/' ? 'dist' : 'dist-fork';
}

/** The structural tests and the oracle are unit tests to vitest; here each is a line of its own. */
function vitestRows(file) {
  const groups = [
    { name: 'layers and purity', has: (path) => /^sim\/(layers|purity)\.test\.ts$/.test(path) },
    { name: 'oracle', has: (path) => path.startsWith('sim/oracle/') },
    { name: 'unit', has: () => true },
  ].map((group) => ({ ...group, passed: 0, failed: 0, skipped: 0 }));
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const path = suite.name
      .slice(ROOT.length)
      .replace(/^[\\/]/, '')
      .replaceAll('\\', '/');
    const group = groups.find(({ has }) => has(path));
    for (const { status } of suite.assertionResults) {
      if (status === 'passed') group.passed++;
      else if (status === 'failed') group.failed++;
      else group.skipped++;
    }
    // A file that doesn't load has no tests to count.
    if (suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed')) group.failed++;
  }
  return groups;
}

/** A row for each of Playwright's projects: the builds at `/` and at `/fork/`. */
function playwrightRows(file) {
  const { suites, errors } = JSON.parse(readFileSync(file, 'utf8'));
  const rows = new Map();
  const visit = (suite) => {
    for (const { tests } of suite.specs) {
      for (const { projectName, status } of tests) {
        const row = rows.get(projectName) ?? { name: `browser (${projectName})`, passed: 0, failed: 0, skipped: 0 };
        rows.set(projectName, row);
        if (status === 'unexpected') row.failed++;
        else if (status === 'skipped') row.skipped++;
        else row.passed++;
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  for (const suite of suites) visit(suite);
  return errors.length > 0 ? [...rows.values(), { name: 'browser (set-up)', passed: 0, failed: errors.length }] : [...rows.values()];
}
