import { Directory, Executable, RegularFile } from '../../host/inode.ts';
import type { Condition } from './condition.ts';
import type { Request } from './request.ts';
import type { Scope, Step } from './scope.ts';
import type { Template } from './template.ts';
import { escapeUri } from './uri.ts';

/** How the rewrite module leaves a request: answered, on the way to another location, or going on. */
export type Rewritten =
  | { kind: 'return'; status: number; text: Template | undefined }
  | { kind: 'redirect'; status: number; location: string }
  | { kind: 'search' }
  | { kind: 'break' }
  | undefined;

/** Runs the steps of a block (ngx_http_rewrite_handler). */
export function rewrite(request: Request, scope: Scope): Rewritten {
  let changed = false;
  for (const step of scope.steps) {
    const result = run(request, step);
    if (result === 'changed') changed = true;
    else if (result) return result;
  }
  return changed ? { kind: 'search' } : undefined;
}

function run(request: Request, step: Step): Rewritten | 'changed' {
  switch (step.kind) {
    case 'return':
      return { kind: 'return', status: step.status, text: step.text };
    case 'set':
      request.variables.set(step.name, request.expand(step.value));
      return undefined;
    case 'break':
      return { kind: 'break' };
    case 'if': {
      if (!holds(request, step.condition)) return undefined;
      // The block of an `if` that held is the configuration from here on.
      if (step.scope.context === 'location-if') request.scope = step.scope;
      const inner = rewrite(request, step.scope);
      return inner?.kind === 'search' ? 'changed' : inner;
    }
    case 'rewrite':
      return runRewrite(request, step);
  }
}

function runRewrite(request: Request, step: Step & { kind: 'rewrite' }): Rewritten | 'changed' {
  const match = step.regex.exec(request.uri);
  if (!match) return undefined;
  request.remember(match);
  const text = request.expand(step.replacement);
  const question = text.indexOf('?');
  const path = question < 0 ? text : text.slice(0, question);
  const own = question < 0 ? '' : text.slice(question + 1);
  const args = [own, step.keepArgs ? request.args : ''].filter((part) => part !== '').join('&');
  if (step.flag === 'redirect' || step.flag === 'permanent') {
    const location = `${/^https?:\/\//.test(path) ? path : escapeUri(path)}${args === '' ? '' : `?${args}`}`;
    return { kind: 'redirect', status: step.flag === 'permanent' ? 301 : 302, location };
  }
  request.uri = path;
  request.args = args;
  if (step.flag === 'break') return { kind: 'break' };
  return step.flag === 'last' ? { kind: 'search' } : 'changed';
}

function holds(request: Request, condition: Condition): boolean {
  if (condition.kind === 'variable') {
    const value = request.valueOf(condition.name);
    return value !== '' && value !== '0';
  }
  if (condition.kind === 'equal') return (request.valueOf(condition.name) === request.expand(condition.value)) !== condition.negated;
  if (condition.kind === 'match') {
    const match = condition.regex.exec(request.valueOf(condition.name));
    if (match) request.remember(match);
    return (match !== null) !== condition.negated;
  }
  return fileTest(request, condition.test, request.expand(condition.path)) !== condition.negated;
}

function fileTest(request: Request, test: 'f' | 'd' | 'e' | 'x', path: string): boolean {
  const { process } = request.worker;
  const target = process.namespaces.mnt.resolve(process, path);
  const inode = typeof target === 'string' ? undefined : target.inode;
  if (!inode) return false;
  if (test === 'f') return inode instanceof RegularFile || inode instanceof Executable;
  if (test === 'd') return inode instanceof Directory;
  return test === 'e' || (inode.mode & 0o111) !== 0;
}
