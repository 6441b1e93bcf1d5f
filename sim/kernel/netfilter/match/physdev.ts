import { interfaceWarning, problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Test {
  inverted: boolean;
}

interface Physdev {
  input: (Test & { name: string }) | undefined;
  output: (Test & { name: string }) | undefined;
  isIn: Test | undefined;
  isOut: Test | undefined;
  isBridged: Test | undefined;
}

const named = (device: string, pattern: string): boolean =>
  pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : device === pattern;

function text({ input, output, isIn, isOut, isBridged }: Physdev): string {
  const not = (test: Test) => (test.inverted ? ' !' : '');
  let result = '';
  if (isIn) result += `${not(isIn)} --physdev-is-in`;
  if (input) result += `${not(input)} --physdev-in ${input.name}`;
  if (isOut) result += `${not(isOut)} --physdev-is-out`;
  if (output) result += `${not(output)} --physdev-out ${output.name}`;
  if (isBridged) result += `${not(isBridged)} --physdev-is-bridged`;
  return result;
}

/** The physdev match: the bridge ports that a packet passes (net/netfilter/xt_physdev.c). */
export const physdev: MatchExtension<Physdev> = {
  name: 'physdev',
  options: [
    { name: 'physdev-in', invert: true },
    { name: 'physdev-out', invert: true },
    { name: 'physdev-is-in', arguments: 0, invert: true },
    { name: 'physdev-is-out', arguments: 0, invert: true },
    { name: 'physdev-is-bridged', arguments: 0, invert: true },
  ],
  parse(given, { warn }) {
    if (given.options.length === 0) return problem('PHYSDEV: no physdev option specified');
    const test = (name: string): Test | undefined => {
      const option = given.find(name);
      return option && { inverted: option.inverted };
    };
    const device = (name: string) => {
      const option = given.find(name);
      if (!option) return undefined;
      const device = option.values[0] as string;
      const warning = interfaceWarning(device);
      if (warning !== undefined) warn(warning);
      return { name: device, inverted: option.inverted };
    };
    return {
      input: device('physdev-in'),
      output: device('physdev-out'),
      isIn: test('physdev-is-in'),
      isOut: test('physdev-is-out'),
      isBridged: test('physdev-is-bridged'),
    };
  },
  check({ output, isOut, isBridged }, { hooks }) {
    const onlyBridged = isBridged && !isBridged.inverted;
    return (output || isOut) && !onlyBridged && hooks.has('OUTPUT') ? 'EINVAL' : undefined;
  },
  save: text,
  list: (data) => ` PHYSDEV match${text(data)}`,
  matches({ input, output, isIn, isOut, isBridged }, skb) {
    const inDevice = skb.bridged?.input.name;
    const outDevice = skb.bridged?.output?.name;
    if (!skb.bridged) {
      // Only what is asked for the wrong way round is true of packets that no bridge has seen.
      return [isBridged, isIn, isOut, input, output].every((test) => test === undefined || test.inverted);
    }
    if (isBridged && (outDevice !== undefined) === isBridged.inverted) return false;
    if (isIn && (inDevice !== undefined) === isIn.inverted) return false;
    if (isOut && (outDevice !== undefined) === isOut.inverted) return false;
    if (input && inDevice !== undefined && named(inDevice, input.name) === input.inverted) return false;
    if (!output) return true;
    return outDevice !== undefined && named(outDevice, output.name) !== output.inverted;
  },
};
