import { SET_OPTIONS } from './options.ts';
import type { Shell } from './shell.ts';
import type { TestContext } from './test-expression.ts';
import { specialParameter } from './special.ts';
import { AssociativeArray } from './variables.ts';

/** `-v NAME`, where the name may be `a[1]`, `a[@]` or a number. */
export function isVariableSet(shell: Shell, name: string): boolean {
  const element = /^([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]$/s.exec(name);
  if (!element) {
    const special = specialParameter(shell, name);
    return special ? special.value !== undefined : shell.variables.get(name) !== undefined;
  }
  const [, array = '', key = ''] = element;
  const value = shell.variables.value(shell.variables.resolveName(array));
  if (key === '@' || key === '*')
    return value instanceof AssociativeArray ? value.entries.has(key) : value instanceof Map ? value.size > 0 : value !== undefined;
  return shell.variables.element(array, shell.keyOf(array, key)) !== undefined;
}

/** `-o NAME` */
export function testOption(shell: Shell, name: string): boolean {
  const letter = SET_OPTIONS[name];
  return letter !== undefined && shell.option(letter);
}

/** What `test` may ask this shell. */
export function testContext(shell: Shell): TestContext {
  return {
    process: shell.process,
    isSet: (name) => isVariableSet(shell, name),
    option: (name) => testOption(shell, name),
    isReference: (name) => shell.variables.find(name, false)?.reference ?? false,
  };
}
