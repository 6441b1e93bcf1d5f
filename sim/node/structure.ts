import { type Layer, TESTS } from '../layers.ts';
import type { Import } from './sources.ts';

/** Files by path, with what each imports. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

/** A layer as one of its members sees it: `sim/cli/*` is a layer of its own for each folder it stands for. */
interface Placed {
  /** The name in the table. */
  rule: Layer;
  /** The folder or file that it stands for here. */
  unit: string;
}

/** Finds the layer of a file, or `undefined` when its folder isn't listed. */
export function layerOf(layers: readonly Layer[], file: string): Placed | undefined {
  const exact = layers.find((layer) => layer.name === file);
  if (exact) return { rule: exact, unit: file };
  const folder = file.slice(0, file.lastIndexOf('/'));
  return folderLayer(layers, folder, []);
}

function folderLayer(layers: readonly Layer[], folder: string, below: readonly string[]): Placed | undefined {
  const parent = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0));
  const rule = layers.find((layer) => layer.name === folder) ?? layers.find((layer) => parent !== '' && layer.name === `${parent}/*`);
  if (rule) {
    const part = below.join('/');
    return part === '' || rule.parts?.includes(part) || rule.parts?.includes('*') ? { rule, unit: folder } : undefined;
  }
  return parent === '' ? undefined : folderLayer(layers, parent, [folder.slice(parent.length + 1), ...below]);
}

/** Everything that breaks the table: one line each; empty when all is well. */
export function violations(layers: readonly Layer[], graph: ImportGraph): string[] {
  const found: string[] = [];
  for (const [file, imports] of graph) {
    const from = layerOf(layers, file);
    if (!from) {
      found.push(`${file}: its folder is not listed in sim/layers.ts`);
      continue;
    }
    for (const { target, kind } of imports) {
      const problem = kind === 'package' ? packageProblem(from, file, target) : fileProblem(layers, from, file, target);
      if (problem) found.push(`${file}: ${problem}`);
    }
  }
  return found;
}

function packageProblem(from: Placed, file: string, name: string): string | undefined {
  const allowed = [...(from.rule.packages ?? []), ...(isTest(file) ? TESTS.packages : [])];
  if (allowed.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))) return undefined;
  return `${from.rule.name} may not import the package '${name}'`;
}

function fileProblem(layers: readonly Layer[], from: Placed, file: string, target: string): string | undefined {
  const to = layerOf(layers, target);
  if (!to) return `imports ${target}, whose folder is not listed in sim/layers.ts`;
  const allowed = [...from.rule.imports, ...(isTest(file) ? TESTS.imports : [])];
  if (to.unit === from.unit || allowed.includes(to.rule.name) || allowed.includes(to.unit)) return undefined;
  return `${from.unit} may not import ${to.unit} (${target})`;
}

/** Whether a file is a test, or a fixture that tests share. */
function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.endsWith('.fixture.ts');
}

/** Cycles between layers, each as `a → b → a`, whatever kind of import makes them; those of tests don't count. */
export function layerCycles(layers: readonly Layer[], graph: ImportGraph): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const from = layerOf(layers, file)?.unit;
    if (from === undefined || isTest(file)) continue;
    const targets = edges.get(from) ?? new Set();
    edges.set(from, targets);
    for (const { target, kind } of imports) {
      const to = kind === 'file' ? layerOf(layers, target)?.unit : undefined;
      if (to !== undefined && to !== from) targets.add(to);
    }
  }
  return cycles(edges);
}

/** Cycles between files that exist when the program runs: imports of types leave nothing behind. */
export function fileCycles(graph: ImportGraph): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    edges.set(file, new Set(imports.filter(({ kind, typeOnly }) => kind === 'file' && !typeOnly).map(({ target }) => target)));
  }
  return cycles(edges);
}

/** One cycle of each knot of a directed graph, found depth first. */
function cycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      found.push([...path.slice(at), node].join(' → '));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return found;
}
