import type { Lookup } from '../../host/iptables/lookup.ts';
import type { IpSet } from '../../kernel/netfilter/ipset/set.ts';
import type { IpSets } from '../../kernel/netfilter/ipset/sets.ts';
import { members, type Shown } from './print.ts';

/** What a listing leaves out or puts in order. */
export interface RenderSettings {
  terse: boolean;
  names: boolean;
  sorted: boolean;
}

/** Words of a header that stand alone. */
const FLAGS: ReadonlySet<string> = new Set(['counters', 'comment', 'skbinfo']);

/** A set's header as pairs; `true` for what stands alone. */
function headerPairs(set: IpSet): [string, string | true][] {
  const words = set.header().split(' ');
  const pairs: [string, string | true][] = [];
  for (let i = 0; i < words.length; i++) {
    const name = words[i] as string;
    pairs.push([name, FLAGS.has(name) ? true : (words[++i] as string)]);
  }
  return pairs;
}

const tag = ([name, value]: readonly [string, string | true]): string => (value === true ? `<${name}/>` : `<${name}>${value}</${name}>`);

/** `-output xml` (ipset_print_header and ipset_print_elem with IPSET_LIST_XML). Nothing is escaped. */
export function* xmlOf(sets: IpSets, chosen: readonly IpSet[], settings: RenderSettings, lookup: Lookup): Generator<string> {
  yield '<ipsets>\n';
  for (const set of chosen) {
    if (settings.names) {
      yield `<ipset name="${set.name}"/>\n`;
      continue;
    }
    const entries = members(set, settings.sorted, lookup);
    yield `<ipset name="${set.name}">\n<type>${set.type.name}</type>\n<revision>${set.type.revision}</revision>\n`;
    yield `<header>${headerPairs(set).map(tag).join('')}\n<memsize>${set.memory()}</memsize>\n`;
    yield `<references>${sets.references(set)}</references>\n<numentries>${entries.length}</numentries>\n</header>\n`;
    if (!settings.terse) yield `<members>\n${entries.map(memberXml).join('')}</members>\n`;
    yield '</ipset>\n';
  }
  yield '</ipsets>\n';
}

function memberXml({ element, beside }: Shown): string {
  const texts = beside.map(([name, value]) => tag([name, name === 'comment' ? `"${value}"` : value]));
  return `<member><elem>${element}</elem>${texts.join('')}</member>\n`;
}

/** `-output json`. Nothing is escaped here either. */
export function* jsonOf(sets: IpSets, chosen: readonly IpSet[], settings: RenderSettings, lookup: Lookup): Generator<string> {
  yield '[\n';
  if (chosen.length === 0) yield '\n';
  for (const [index, set] of chosen.entries()) {
    const comma = index < chosen.length - 1 ? ',' : '';
    if (settings.names) {
      yield `  { "name" : "${set.name}" }${comma}\n`;
      continue;
    }
    const entries = members(set, settings.sorted, lookup);
    const header = headerPairs(set).map(([name, value]) => `      "${name}" : ${headerValue(value)},\n`);
    yield `  {\n    "name" : "${set.name}",\n    "type" : "${set.type.name}",\n    "revision" : ${set.type.revision},\n    "header" : {\n`;
    yield `${header.join('')}      "memsize" : ${set.memory()},\n      "references" : ${sets.references(set)},\n`;
    yield `      "numentries" : ${entries.length}\n    }${settings.terse ? '' : ','}\n`;
    if (!settings.terse) yield membersJson(entries);
    yield `  }${comma}\n`;
  }
  yield ']\n';
}

function headerValue(value: string | true): string {
  return value === true || /^\d+$/.test(value) ? String(value) : `"${value}"`;
}

function membersJson(entries: readonly Shown[]): string {
  const texts = entries.map(({ element, beside }) => {
    const fields = [['elem', element] as const, ...beside].map(
      ([name, value]) => `        "${name}" : ${value === true ? value : `"${value}"`}`,
    );
    return `      {\n${fields.join(',\n')}\n      }`;
  });
  return `    "members" : [\n${texts.join(',\n')}${texts.length > 0 ? '\n' : ''}    ]\n`;
}
