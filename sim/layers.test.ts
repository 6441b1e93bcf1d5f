import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAYERS, type Layer } from './layers.ts';
import { type Import, importsOf, ROOT, sourceFiles } from './node/sources.ts';
import { fileCycles, type ImportGraph, layerCycles, violations } from './node/structure.ts';

const FOLDERS = ['sim', 'components', 'site', 'content', 'e2e'].filter((folder) => existsSync(join(ROOT, folder)));

const project: ImportGraph = new Map(FOLDERS.flatMap(sourceFiles).map((file) => [file, importsOf(file)]));

describe('the project', () => {
  test('keeps to the table of layers: no folder that is not listed, no import that is not allowed', () => {
    expect(violations(LAYERS, project)).toEqual([]);
  });

  test('has no cycle between layers', () => {
    expect(layerCycles(LAYERS, project)).toEqual([]);
  });

  // Within a folder files may need each other: an expression holds a command, a command an expression.
  test('has no cycle between files of different folders, imports of types aside', () => {
    const cycles = fileCycles(new Map([...project].filter(([file]) => file.startsWith('sim/'))));
    const folders = (cycle: string) => new Set(cycle.split(' → ').map((file) => file.slice(0, file.lastIndexOf('/'))));
    expect(cycles.filter((cycle) => folders(cycle).size > 1)).toEqual([]);
  });

  test('imports only files that exist', () => {
    const missing = [...project].flatMap(([file, imports]) =>
      imports.filter(({ target, kind }) => kind === 'file' && !existsSync(join(ROOT, target))).map(({ target }) => `${file}: ${target}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the check', () => {
  const layers: Layer[] = [
    { name: 'low', imports: [], packages: ['ipaddr.js'] },
    { name: 'high', parts: ['inner'], imports: ['low'] },
    { name: 'tools/*', imports: ['high'] },
    { name: 'tools/list.ts', imports: ['tools/*'] },
  ];
  const graph = (files: Record<string, string>): ImportGraph =>
    new Map(Object.entries(files).map(([file, text]) => [file, importsOf(file, text) as Import[]]));

  test('passes what the table allows', () => {
    const files = graph({
      'low/a.ts': "import ipaddr from 'ipaddr.js';",
      'high/inner/b.ts': "import { a } from '../../low/a.ts';\nimport { c } from '../c.ts';",
      'high/c.ts': '',
      'tools/ip/ip.ts': "export * from '../../high/c.ts';",
      'tools/list.ts': "import { ip } from './ip/ip.ts';",
    });
    expect([...violations(layers, files), ...layerCycles(layers, files), ...fileCycles(files)]).toEqual([]);
  });

  test('finds an import that points up, even of a type or by import()', () => {
    const files = graph({
      'low/a.ts': "import type { C } from '../high/c.ts';",
      'low/b.ts': "const c = await import('../high/c.ts');",
      'low/d.ts': "export let d: import('../high/c.ts').C;",
    });
    expect(violations(layers, files)).toEqual(['a', 'b', 'd'].map((name) => `low/${name}.ts: low may not import high (high/c.ts)`));
  });

  test('finds siblings that import one another', () => {
    const files = graph({ 'tools/ip/ip.ts': "import '../ping/ping.ts';", 'tools/ping/ping.ts': '' });
    expect(violations(layers, files)).toEqual(['tools/ip/ip.ts: tools/ip may not import tools/ping (tools/ping/ping.ts)']);
  });

  test('finds a folder that is not listed and a package that is not allowed', () => {
    const files = graph({ 'new/a.ts': '', 'high/deep/a.ts': '', 'high/a.ts': "import 'node:fs';" });
    expect(violations(layers, files)).toEqual([
      'new/a.ts: its folder is not listed in sim/layers.ts',
      'high/deep/a.ts: its folder is not listed in sim/layers.ts',
      "high/a.ts: high may not import the package 'node:fs'",
    ]);
  });

  test('finds cycles, and leaves types out of those between files', () => {
    const files = graph({
      'low/a.ts': "import { c } from '../high/c.ts';",
      'high/c.ts': "import { a } from '../low/a.ts';",
      'high/d.ts': "import type { E } from './e.ts';",
      'high/e.ts': "import { D } from './d.ts';",
    });
    expect(layerCycles(layers, files)).toEqual(['low → high → low']);
    expect(fileCycles(files)).toEqual(['low/a.ts → high/c.ts → low/a.ts']);
  });
});
