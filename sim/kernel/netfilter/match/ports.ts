import { type GivenOption, type ListContext, type Names, portNumber, portText, problem, type Problem, type Range } from '../options.ts';

/** A range of ports that a match asks for. */
export interface PortRange extends Range {
  inverted: boolean;
}

/** `PORT`, `PORT:PORT`, `:PORT` or `PORT:` as the tcp match reads it. */
export function parsePortRange(option: GivenOption, names: Names, protocol: number): PortRange | Problem {
  const text = option.values[0] as string;
  const colon = text.indexOf(':');
  const first = colon < 0 ? text : text.slice(0, colon);
  const last = colon < 0 ? text : text.slice(colon + 1);
  const bad = (word: string) => problem(`invalid port/service \`${word}' specified`);
  const min = colon >= 0 && first === '' ? 0 : portNumber(first, names, protocol);
  if (min === undefined) return bad(first);
  const max = colon >= 0 && last === '' ? 65_535 : portNumber(last, names, protocol);
  if (max === undefined) return bad(last);
  if (min > max) return problem('invalid portrange (min > max)');
  return { min, max, inverted: option.inverted };
}

/** All but the lowest ports are those above, which is how nf_tables has it and what is read back from it. */
export function compared(range: PortRange | Problem): PortRange | Problem {
  if ('problem' in range || !range.inverted || range.min !== 0 || range.max === 0 || range.max === 65_535) return range;
  return { min: range.max + 1, max: 65_535, inverted: false };
}

export function savePorts(option: string, range: PortRange | undefined): string {
  if (!range) return '';
  return `${range.inverted ? ' !' : ''} --${option} ${range.min === range.max ? range.min : `${range.min}:${range.max}`}`;
}

/** ` dpt:80`, ` spts:!1024:65535`. */
export function listPorts(name: string, range: PortRange | undefined, context: ListContext): string {
  if (!range) return '';
  const not = range.inverted ? '!' : '';
  if (range.min === range.max) return ` ${name}:${not}${portText(range.min, context)}`;
  return ` ${name}s:${not}${portText(range.min, context)}:${portText(range.max, context)}`;
}

export function inPorts(range: PortRange | undefined, port: number): boolean {
  return range === undefined || (port >= range.min && port <= range.max) !== range.inverted;
}
