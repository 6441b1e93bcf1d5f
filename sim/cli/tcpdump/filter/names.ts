import type { IP, IPv4 } from '../../../base/address.ts';
import type { Expression, Id } from './syntax.ts';

/** What a service's name stands for: a port of one protocol, or of both when it has the same number in both. */
export interface Service {
  port: number;
  protocol: 'tcp' | 'udp' | undefined;
}

/** What the names in an expression mean; those without meaning are absent. */
export interface FilterNames {
  hosts: ReadonlyMap<string, readonly IP[]>;
  services: ReadonlyMap<string, Service>;
  protocols: ReadonlyMap<string, number>;
  networks: ReadonlyMap<string, IPv4>;
}

/** The host names that an expression asks for, to be looked up before it is compiled. */
export function hostNames(expression: Expression | undefined, found = new Set<string>()): Set<string> {
  if (!expression) return found;
  if (expression.kind === 'and' || expression.kind === 'or') {
    hostNames(expression.left, found);
    hostNames(expression.right, found);
  } else if (expression.kind === 'not') hostNames(expression.of, found);
  else if (expression.kind === 'id') {
    const { type, protocol } = expression.qualifiers;
    const name = nameOf(expression.id);
    if (name !== undefined && (type === undefined || type === 'host') && protocol !== 'link') found.add(name);
  }
  return found;
}

function nameOf(id: Id): string | undefined {
  return id.kind === 'name' ? id.text : undefined;
}
