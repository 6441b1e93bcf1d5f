import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

const TYPES = ['accept', 'drop', 'reject'];

/** AUDIT: tells the audit subsystem of the packet (net/netfilter/xt_AUDIT.c). Nobody audits here. */
export const audit: TargetExtension<string> = {
  name: 'AUDIT',
  options: [{ name: 'type', mandatory: true }],
  parse(given) {
    const text = given.value('type') as string;
    return TYPES.find((type) => type === text.toLowerCase()) ?? problem(`Bad action type value "${text}"`);
  },
  save: (type) => ` --type ${type}`,
  list: (type) => ` AUDIT ${type}`,
  evaluate: () => 'continue',
};

/** Where marks of a security module may be changed. */
const labels = (table: string): boolean => table === 'mangle' || table === 'security';

/** SECMARK: a label of SELinux for the packet (net/netfilter/xt_SECMARK.c). There is no SELinux here, so no label is known. */
export const secmark: TargetExtension<string> = {
  name: 'SECMARK',
  options: [{ name: 'selctx', mandatory: true }],
  parse: (given) => given.value('selctx') as string,
  check: (_label, { table }) => (labels(table) ? 'ENOENT' : 'EINVAL'),
  save: (label) => ` --selctx ${label}`,
  list: (label) => ` SECMARK selctx ${label}`,
  evaluate: () => 'continue',
};

/** CONNSECMARK: copies labels between packets and connections, none of which have any (net/netfilter/xt_CONNSECMARK.c). */
export const connsecmark: TargetExtension<string> = {
  name: 'CONNSECMARK',
  conntrack: true,
  options: [
    { name: 'save', arguments: 0, excludes: ['restore'] },
    { name: 'restore', arguments: 0 },
  ],
  parse: (given) => given.options[0]?.name ?? problem('CONNSECMARK target: parameter required'),
  check: (_mode, { table }) => (labels(table) ? undefined : 'EINVAL'),
  save: (mode) => ` --${mode}`,
  list: (mode) => ` CONNSECMARK ${mode}`,
  evaluate: () => 'continue',
};
