/** An option of a match or target (struct xt_option_entry). */
export interface OptionSpec {
  name: string;
  /** Other spellings, such as `destination-port` for `dport`. */
  aliases?: readonly string[];
  /** How many words follow; 1 if absent. */
  arguments?: 0 | 1 | 2;
  /** `!` may stand before it. */
  invert?: boolean;
  /** Must be given. */
  mandatory?: boolean;
  /** May be given again. */
  repeat?: boolean;
  /** What is said when it is given again, where that isn't the usual. */
  onlyOnce?: string;
  /** Options that can't be given together with it. */
  excludes?: readonly string[];
  /** An option that must be given together with it. */
  also?: string;
  /** The real extension has it, ours does not. */
  unmodelled?: boolean;
}

/** One option as it was given. */
export interface GivenOption {
  name: string;
  values: readonly string[];
  inverted: boolean;
}

/** Why options make no sense: what the real tool says after its name and version. */
export interface Problem {
  problem: string;
  /** Part of the real tool, but not modelled here. */
  unmodelled?: true;
}

export function problem(text: string): Problem {
  return { problem: text };
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** Looks up names of ports, users and so on; numbers pass without it. */
export interface Names {
  port(name: string, protocol?: 'tcp' | 'udp'): number | undefined;
  portName(port: number, protocol: 'tcp' | 'udp' | undefined): string | undefined;
  user(name: string): number | undefined;
  userName(id: number): string | undefined;
  group(name: string): number | undefined;
  groupName(id: number): string | undefined;
  /** Labels of connections by name; `undefined` where nobody has named any. */
  labels(): ReadonlyMap<string, number> | undefined;
  /** The same for nft, which has a file of its own. */
  connlabels(): ReadonlyMap<string, number> | undefined;
}

/** What a parser may ask besides its own options. */
export interface ParseContext {
  family: 4 | 6;
  /** The `-p` of the rule; 0 for any, or when it is inverted. */
  protocol: number;
  names: Names;
  /** The family of an ipset, 0 when it has none; `undefined` when there is no such set. */
  setFamily(name: string): 4 | 6 | 0 | undefined;
  /** Complains without refusing. */
  warn(text: string): void;
}

/** How a listing is printed. */
export interface ListContext {
  family: 4 | 6;
  numeric: boolean;
  names: Names;
  protocol: number;
}

/** The options given for one extension, with the checks that the option table of each asks for (xtables_option_parse). */
export class Given {
  readonly options: readonly GivenOption[];

  constructor(options: readonly GivenOption[]) {
    this.options = options;
  }

  has(name: string): boolean {
    for (const option of this.options) if (option.name === name) return true;
    return false;
  }

  find(name: string): GivenOption | undefined {
    for (const option of this.options) if (option.name === name) return option;
    return undefined;
  }

  value(name: string): string | undefined {
    return this.find(name)?.values[0];
  }
}

/**
 * Checks what was given against the table.
 * @param extension its name as it stands in messages
 */
export function checkOptions(extension: string, specs: readonly OptionSpec[], given: readonly GivenOption[]): Problem | undefined {
  for (const option of given) {
    const spec = specs.find((candidate) => candidate.name === option.name) as OptionSpec;
    if (spec.unmodelled) return { problem: `${extension}: option "--${option.name}" is not modelled`, unmodelled: true };
    if (option.inverted && !spec.invert) return problem(`${extension}: option "--${option.name}" cannot be inverted.\n`);
    if (!spec.repeat && given.filter((other) => other.name === option.name).length > 1)
      return problem(spec.onlyOnce ?? `${extension}: option "--${option.name}" can only be used once.\n`);
  }
  for (const spec of specs) {
    const present = given.some((option) => option.name === spec.name);
    if (spec.mandatory && !present) return problem(`${extension}: option "--${spec.name}" must be specified\n`);
    if (!present) continue;
    const excluded = spec.excludes?.find((name) => given.some((option) => option.name === name));
    if (excluded) return problem(`${extension}: option "--${spec.name}" cannot be used together with "--${excluded}".\n`);
  }
  return undefined;
}

/** Checks that what was given is all there; asked when the values themselves are right (xtables_options_fcheck). */
export function checkCompanions(extension: string, specs: readonly OptionSpec[], given: readonly GivenOption[]): Problem | undefined {
  const isGiven = (name: string) => given.some((option) => option.name === name);
  const alone = specs.find((spec) => spec.also && isGiven(spec.name) && !isGiven(spec.also));
  return alone && problem(`${extension}: option "--${alone.name}" also requires "--${alone.also}".\n`);
}

/** Quotes a string as rules are saved: bare if it holds nothing but word characters, hyphens and underscores (xtables_save_string). */
export function quote(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, '\\$&')}"`;
}

/** A number as C's strtoul reads it with base 0 (decimal, 0x…, 0…); `undefined` if it isn't one or is out of range. */
export function unsigned(text: string, max = 0xffff_ffff, min = 0): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** `VALUE[/MASK]`, both 32 bits; the mask is all ones if absent. */
export function markValue(text: string): { value: number; mask: number } | undefined {
  const slash = text.indexOf('/');
  const value = unsigned(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? 0xffff_ffff : unsigned(text.slice(slash + 1));
  return value === undefined || mask === undefined ? undefined : { value, mask };
}

/** What is wrong with a mark that `markValue` can't read. */
export function badMark(extension: string, option: string, text: string): Problem {
  const garbage = /^(0[xX][0-9a-fA-F]+|\d+)./.test(text) && (text.match(/\//g)?.length ?? 0) < 2;
  return problem(
    garbage && !/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)
      ? `${extension}: trailing garbage after value for option "--${option}".\n`
      : `${extension}: bad integer value for option "--${option}", or out of range.\n`,
  );
}

/** `VALUE` or `VALUE/MASK` as marks are printed. */
export function markText(value: number, mask: number): string {
  return mask >>> 0 === 0xffff_ffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

export interface Range {
  min: number;
  max: number;
}

/** How 64-bit bounds stand in messages; the numbers themselves are exact up to 2^53. */
export const LARGEST = '18446744073709551615';

/**
 * Reads `MIN`, `MIN:MAX`, `:MAX` or `MIN:` (xtopt_parse_mint).
 *
 * @param name of the option
 * @param limit the largest value allowed, as a number and as messages have it
 */
export function numberRange(extension: string, name: string, text: string, limit: number, written = String(limit)): Range | Problem {
  const parts = text.split(':');
  const what = `${extension}: bad value for option "--${name}" near`;
  if (parts.length > 2) return problem(`${extension}: Too many components for option "--${name}" (max: 2)\n`);
  const [first = '', last = first] = parts as [string, string?];
  const min = first === '' && parts.length > 1 ? 0 : unsigned(first, limit);
  if (min === undefined) return problem(`${what} "${first}", or out of range (0-${written}).\n`);
  const max = last === '' && parts.length > 1 ? limit : unsigned(last, limit, min);
  if (max === undefined) return problem(`${what} "${last}", or out of range (${min}-${written}).\n`);
  return { min, max };
}

/** A number of an option that takes one. */
export function numberOf(extension: string, given: Given, name: string, max: number, written = String(max)): number | Problem {
  const value = unsigned(given.value(name) ?? '', max);
  return value ?? problem(`${extension}: bad value for option "--${name}", or out of range (0-${written}).\n`);
}

/** Whether an option was given with `!` before it. */
export const not = (inverted: boolean | undefined): string => (inverted ? ' !' : '');

/** A port by number or by its name in services(5). */
export function portNumber(text: string, names: Names, protocol?: number): number | undefined {
  if (/^\d+$/.test(text)) return unsigned(text, 65_535);
  return names.port(text, protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : undefined);
}

/** Any protocol, TCP and UDP: those whose services have names. */
const NAMED: ReadonlySet<number> = new Set([0, 6, 17]);

/** How listings show a port. */
export function portText(port: number, context: ListContext): string {
  if (context.numeric || !NAMED.has(context.protocol)) return String(port);
  const protocol = context.protocol === 6 ? 'tcp' : context.protocol === 17 ? 'udp' : undefined;
  return context.names.portName(port, protocol) ?? String(port);
}

/** What iptables says of a name that no interface can have, and takes all the same (xtables_parse_interface). */
export function interfaceWarning(name: string): string | undefined {
  if (!/[/ ]/.test(name)) return undefined;
  return `Warning: weird character in interface \`${name}' ('/' and ' ' are not allowed by the kernel).`;
}

/** What is said of an empty text where some is needed (xtopt_parse_string). */
export const TOO_SHORT = problem('Argument must have a minimum length of 1 characters\n');
