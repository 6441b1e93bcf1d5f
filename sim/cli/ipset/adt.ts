import { type Extensions, NO_SKBINFO } from '../../kernel/netfilter/ipset/element.ts';
import type { ElementRange } from '../../kernel/netfilter/ipset/expand.ts';
import { ListSet } from '../../kernel/netfilter/ipset/list-set.ts';
import type { IpSet, Reference } from '../../kernel/netfilter/ipset/set.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { MAX_TIMEOUT } from './create.ts';
import { parseElement } from './element.ts';
import { parseNumber } from './number.ts';
import { isRefusal, type Refusal, syntaxError, usageError } from './refusal.ts';

const MAX_COMMENT = 255;
/** One below the largest 64-bit number, which stands for none given. */
const MAX_COUNTER = 2 ** 64;

/** What `add`, `del` and `test` name: an element, or a member of a list of sets. */
export interface ElementRequest {
  element: ElementRange | { member: string };
  reference: Reference | undefined;
  extensions: Extensions;
}

/** Reads what follows `add SET`. */
export function parseElementRequest(
  command: 'add' | 'del' | 'test',
  set: IpSet,
  words: readonly string[],
  lookup: Lookup,
): ElementRequest | Refusal {
  const [text = '', ...rest] = words;
  const element = set instanceof ListSet ? { member: text } : parseElement(text, set, command, lookup);
  if (isRefusal(element)) return element;
  const request: ElementRequest = { element, reference: undefined, extensions: {} };
  for (let i = 0; i < rest.length; i++) {
    const written = rest[i] as string;
    const name = written.replace(/^--?/, '');
    if (!takes(command, set, name)) return usageError(`Unknown argument: \`${written}'`);
    if (name === 'nomatch') request.extensions.nomatch = true;
    else if (name === 'wildcard') (element as ElementRange).parts.wildcard = true;
    else {
      const value = rest[++i];
      if (value === undefined) return usageError(`Missing mandatory argument of option \`${written}'`);
      const refused = setValue(request, name, value);
      if (refused) return refused;
    }
  }
  return request;
}

/** Which options a command takes for a type. */
function takes(command: 'add' | 'del' | 'test', set: IpSet, name: string): boolean {
  if (name === 'before' || name === 'after') return set instanceof ListSet;
  if (name === 'nomatch') return set.type.nomatch && command !== 'del';
  if (command !== 'add') return false;
  if (name === 'wildcard') return set.type.parts.includes('iface');
  return ['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue'].includes(name);
}

function setValue(request: ElementRequest, name: string, value: string): Refusal | undefined {
  const { extensions } = request;
  switch (name) {
    case 'before':
    case 'after':
      request.reference = { name: value, before: name === 'before' };
      return undefined;
    case 'comment':
      if (value.includes('"')) return syntaxError('" character is not permitted in comments');
      if (value.length > MAX_COMMENT) return syntaxError(`Comment is longer than the maximum allowed ${MAX_COMMENT} characters`);
      extensions.comment = value;
      return undefined;
    case 'timeout':
    case 'packets':
    case 'bytes': {
      const number = parseNumber(value, 0, name === 'timeout' ? MAX_TIMEOUT : MAX_COUNTER);
      if (isRefusal(number)) return number;
      if (number >= MAX_COUNTER - 1024) return syntaxError(`'${value}' is out of range 0-18446744073709551614`);
      extensions[name] = number;
      return undefined;
    }
    default:
      return setSkbInfo(extensions, name, value);
  }
}

/** `skbmark`, `skbprio` and `skbqueue`, as sscanf takes them: what follows a number is passed over. */
function setSkbInfo(extensions: Extensions, name: string, value: string): Refusal | undefined {
  const info = { ...(extensions.skbinfo ?? NO_SKBINFO) };
  if (name === 'skbmark') {
    const match = /^0x([0-9a-f]{1,8})(?:\/0x([0-9a-f]{1,8}))?/i.exec(value);
    if (!match) return syntaxError('Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)');
    info.mark = Number.parseInt(match[1] as string, 16);
    info.mask = match[2] === undefined ? 0xffff_ffff : Number.parseInt(match[2], 16);
  } else if (name === 'skbprio') {
    const match = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})/i.exec(value);
    if (!match) return syntaxError('Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)');
    info.priority = ((Number.parseInt(match[1] as string, 16) << 16) | Number.parseInt(match[2] as string, 16)) >>> 0;
  } else {
    const queue = parseNumber(value, 0, 65_535);
    if (isRefusal(queue)) return queue;
    info.queue = queue;
  }
  extensions.skbinfo = info;
  return undefined;
}
