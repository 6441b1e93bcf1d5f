import type { NetlinkError } from '../../host/netlink/messages.ts';
import { linkUsage } from './link-arguments.ts';
import type { Tool } from './tool.ts';
import { abbreviates, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

/** `ip link property add|del dev DEVICE altname NAME …` (ip/iplink.c `iplink_prop`). */
export function linkProperty(tool: Tool, words: Words): number {
  if (words.empty) throw linkUsage();
  const operator = words.take();
  const adding = abbreviates(operator, 'add');
  if (!adding && !abbreviates(operator, 'del')) {
    if (abbreviates(operator, 'help')) throw linkUsage();
    throw new Quit('Operator required\n', EXIT_MINUS_ONE);
  }
  const names: string[] = [];
  let device: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (abbreviates(word, 'altname')) {
      const name = words.value();
      if (!isAlternativeName(name)) throw invalid('not a valid altname', name);
      names.push(name);
    } else if (abbreviates(word, 'help')) throw linkUsage();
    else {
      const given = word === 'dev' ? words.value() : word;
      if (device !== undefined) throw garbage('dev', given);
      if (!isAlternativeName(given)) throw invalid('"dev" not a valid ifname', given);
      device = given;
    }
  }
  if (device === undefined) throw new Quit('Not enough of information: "dev" argument is required.\n', EXIT_MINUS_ONE);
  const { ifindex } = tool.device(device);
  let refused: NetlinkError | undefined;
  for (const name of names) refused ??= adding ? tool.netlink.addAltName(ifindex, name) : tool.netlink.delAltName(ifindex, name);
  return tool.outcome(refused);
}

/** Longer than a device's own name may be (ALTIFNAMSIZ), and of any characters but slashes. */
function isAlternativeName(name: string): boolean {
  return name !== '' && name.length < 128 && !name.includes('/');
}
