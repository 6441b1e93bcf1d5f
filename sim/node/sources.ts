import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The project's top folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const SKIPPED = new Set(['node_modules', 'dist', '.astro', '.git', 'test-results', 'public']);
const CODE = /\.(ts|tsx|mjs|astro|mdx)$/;

/** One import of a file: the file or package it names, and whether it is for types only (such leave nothing at run time). */
export interface Import {
  /** A file's path from the top folder (`sim/base/time.ts`), or a package's name (`node:fs`, `ipaddr.js`). */
  target: string;
  kind: 'file' | 'package';
  typeOnly: boolean;
}

/** Every source file below a top-level folder, by its path from the top with forward slashes; sorted. */
export function sourceFiles(folder: string): string[] {
  const files: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (SKIPPED.has(entry.name)) continue;
      const inside = join(path, entry.name);
      if (entry.isDirectory()) walk(inside);
      else if (CODE.test(entry.name)) files.push(relative(ROOT, inside).split(sep).join('/'));
    }
  };
  walk(join(ROOT, folder));
  return files.sort();
}

/** A file's syntax tree. */
export function parseSource(file: string, text = readFileSync(join(ROOT, file), 'utf8')): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
}

/** What a file imports, `import()` and re-exports included. Of .astro and .mdx files only import statements are seen. */
export function importsOf(file: string, text = readFileSync(join(ROOT, file), 'utf8')): Import[] {
  if (/\.(astro|mdx)$/.test(file)) {
    const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"\n]*\sfrom\s+)?['"]([^'"]+)['"]/gm);
    return [...statements].map(([, type, name = '']) => resolveImport(file, name, type !== undefined));
  }
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const [name, typeOnly] = importedName(node);
    if (name !== undefined) found.push(resolveImport(file, name, typeOnly));
    ts.forEachChild(node, visit);
  };
  visit(parseSource(file, text));
  return found;
}

function importedName(node: ts.Node): [string | undefined, boolean] {
  if (ts.isImportDeclaration(node)) return [literal(node.moduleSpecifier), isTypeOnly(node.importClause)];
  if (ts.isExportDeclaration(node)) return [literal(node.moduleSpecifier), node.isTypeOnly];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return [literal(node.argument.literal), true];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return [literal(node.arguments[0]), false];
  // new URL('./worker.ts', import.meta.url) is how a worker's entry is named.
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.[1]?.getText() === 'import.meta.url') {
    const name = literal(node.arguments[0]);
    return [name !== undefined && CODE.test(name) ? name : undefined, false];
  }
  return [undefined, false];
}

/** Only `import type`: of `import { type A }` the import itself remains at run time. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function resolveImport(file: string, name: string, typeOnly: boolean): Import {
  const bare = name.replace(/\?.*$/, '');
  if (bare.startsWith('.')) return { target: posix.join(posix.dirname(file), bare), kind: 'file', typeOnly };
  if (bare === '@sim') return { target: 'sim/index.ts', kind: 'file', typeOnly };
  if (bare.startsWith('@components/')) return { target: bare.slice(1), kind: 'file', typeOnly };
  const parts = bare.split('/');
  return { target: bare.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string), kind: 'package', typeOnly };
}
