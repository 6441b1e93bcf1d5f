import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { impurities } from './node/impurities.ts';
import { parseSource, ROOT, sourceFiles } from './node/sources.ts';

/** Places outside the simulation proper, which do see a clock, a thread or a file. */
const OUTSIDE = /^sim\/((node|worker|oracle|bench|fuzz|packets)\/|(load|complete)\.ts)|\.(test|fixture)\.ts$/;

const inside = sourceFiles('sim').filter((file) => !OUTSIDE.test(file));

describe('the compiler', () => {
  const path = join(ROOT, 'sim/tsconfig.json');
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, join(ROOT, 'sim'));

  /** The errors of one file that isn't on disk, compiled as a file of the simulation. */
  function errorsOf(file: string, text: string): string[] {
    const options = { ...config.options, noUnusedLocals: false };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists } = host;
    const full = join(ROOT, file);
    host.fileExists = (name) => name === full || fileExists(name);
    host.getSourceFile = (name, ...rest) =>
      name === full ? ts.createSourceFile(name, text, options.target ?? ts.ScriptTarget.ESNext) : getSourceFile(name, ...rest);
    const program = ts.createProgram([full], options, host);
    const diagnostics = ts.getPreEmitDiagnostics(program, program.getSourceFile(full));
    return diagnostics.map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '));
  }

  test('checks every file of the simulation under these rules', () => {
    const checked = config.fileNames.map((name) => name.slice(ROOT.length + 1).replaceAll('\\', '/')).sort();
    expect(checked).toEqual(inside);
  });

  test('refuses a timer in the kernel', () => {
    expect(errorsOf('sim/kernel/deliberate.ts', 'setTimeout(() => {}, 1);')[0]).toContain("Cannot find name 'setTimeout'");
    expect(errorsOf('sim/kernel/deliberate.ts', "console.log('x');")[0]).toContain("Cannot find name 'console'");
    expect(errorsOf('sim/kernel/deliberate.ts', "import 'node:fs';\nprocess.exit();")).not.toEqual([]);
    expect(errorsOf('sim/kernel/deliberate.ts', 'export const fine = [1].at(-1);')).toEqual([]);
  });

  test('refuses what the guard lists, and would notice if it did not', () => {
    expect(errorsOf('sim/purity.guard.ts', ts.sys.readFile(join(ROOT, 'sim/purity.guard.ts')) as string)).toEqual([]);
    const leak = '/// <reference lib="dom" />\n// @ts-expect-error: no timers\nvoid setTimeout;\nexport {};';
    expect(errorsOf('sim/kernel/deliberate.ts', leak)).toEqual(["Unused '@ts-expect-error' directive."]);
  });
});

describe('the source', () => {
  const found = (file: string, text?: string) =>
    impurities(parseSource(file, text)).map(({ line, what, remedy }) => `${file}:${line}: ${what} (${remedy})`);

  test('has no clock, no randomness, no locale and no promises', () => {
    expect(inside.flatMap((file) => found(file))).toEqual([]);
  });

  test.each([
    ['Date.now();', 'Date'],
    ['new Date();', 'Date'],
    ['const D = Date;', 'Date'],
    ['const clock = { Date };', 'Date'],
    ['const now = [Date][0];', 'Date'],
    ['Math.random();', 'Math.random'],
    ["'a'.localeCompare('b');", 'localeCompare'],
    ['(1).toLocaleString();', 'toLocaleString'],
    ['new Intl.NumberFormat();', 'Intl'],
    ['async function f() {}', 'async'],
    ['const f = async () => 1;', 'async'],
    ['Promise.resolve(1);', 'Promise'],
  ])('%s is found', (text, what) => {
    expect(impurities(parseSource('x.ts', text)).map((impurity) => impurity.what)).toContain(what);
  });

  test.each(['const date = { Date: 1 };', 'interface A { Date: string }', 'response.Date;', 'const text = "Date.now()"; // Math.random()'])(
    '%s is not',
    (text) => {
      expect(impurities(parseSource('x.ts', text))).toEqual([]);
    },
  );
});
