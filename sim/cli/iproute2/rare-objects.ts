import { refusal, type Outcome, type Subcommand, type Tool } from './tool.ts';
import {
  FOU_USAGE,
  ILA_USAGE,
  IOAM_USAGE,
  L2TP_USAGE,
  MACSEC_USAGE,
  MPTCP_USAGE,
  MROUTE_USAGE,
  SR_USAGE,
  STATS_USAGE,
} from './usage/rare-objects.ts';
import { XFRM_MONITOR_USAGE, XFRM_POLICY_USAGE, XFRM_STATE_USAGE, XFRM_USAGE } from './usage/xfrm.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

type Run = (tool: Tool, words: Words) => Outcome;

const quit = (usage: string): never => {
  throw new Quit(usage, EXIT_MINUS_ONE);
};

/** Objects of modules that this kernel doesn't have: every request ends at the search for their netlink family (genl_init_handle). */
function withoutFamily(usage: string): Run {
  return (tool, words) => {
    if (words.empty || abbreviates(words.here, 'help')) return quit(usage);
    tool.warn(`${refusal({ errno: 'ENOENT' })}Error talking to the kernel\n`);
    return 1;
  };
}

/** Objects of which only the usage is here. */
function usageAlone(name: string, usage: string): Run {
  return (tool, words) => {
    if (words.empty || abbreviates(words.here, 'help')) return quit(usage);
    throw tool.unmodelled(`ip ${name} ${words.here}`);
  };
}

export const l2tp = withoutFamily(L2TP_USAGE);
export const fou = withoutFamily(FOU_USAGE);
export const ila = withoutFamily(ILA_USAGE);
export const macsec = withoutFamily(MACSEC_USAGE);
export const segmentRouting = usageAlone('sr', SR_USAGE);
export const mptcp = usageAlone('mptcp', MPTCP_USAGE);
export const ioam = usageAlone('ioam', IOAM_USAGE);
export const stats = usageAlone('stats', STATS_USAGE);

/** `ip mroute`: no program here routes multicast, so there is nothing to list. */
export const mrouteCommands: readonly Subcommand[] = [
  { names: ['list', 'lst', 'show'], run: listNothing },
  { names: ['help'], run: () => quit(MROUTE_USAGE) },
];

function listNothing(tool: Tool, words: Words): number {
  const { iif } = words.selectors('iif');
  if (iif !== undefined) tool.device(iif);
  if (tool.options.json) tool.print('[]\n');
  return 0;
}

/** `ip xfrm`: IPsec isn't modelled, so that nobody has made a state or a policy. */
export function xfrm(tool: Tool, words: Words): Outcome {
  const object = words.take();
  if (abbreviates(object, 'state')) return list(tool, words, 'state', XFRM_STATE_USAGE, '\t SAD count 0\n');
  if (abbreviates(object, 'policy')) {
    const sockets = tool.options.stats > 0 ? ' (Sock: IN 0 OUT 0 FWD 0)' : '';
    return list(tool, words, 'policy', XFRM_POLICY_USAGE, `\t SPD IN  0 OUT 0 FWD 0${sockets}\n`);
  }
  if (!abbreviates(object, 'monitor')) return quit(XFRM_USAGE);
  if (abbreviates(words.here, 'help')) return quit(XFRM_MONITOR_USAGE);
  throw tool.unmodelled('ip xfrm monitor');
}

const EMPTY_ANSWERS = ['list', 'show', 'lst', 'flush', 'deleteall', 'delall'];
const CHANGES = ['add', 'update', 'allocspi', 'delete', 'get', 'set', 'setdefault', 'getdefault'];

function list(tool: Tool, words: Words, object: string, usage: string, count: string): number {
  const command = words.empty ? 'list' : words.take();
  if (CHANGES.some((name) => abbreviates(command, name))) throw tool.unmodelled(`ip xfrm ${object} ${command}`);
  if (EMPTY_ANSWERS.some((name) => abbreviates(command, name))) return 0;
  if (command === 'count') {
    tool.print(count);
    return 0;
  }
  if (abbreviates(command, 'help')) return quit(usage);
  throw new Quit(`Command "${command}" is unknown, try "ip xfrm ${object} help".\n`, EXIT_MINUS_ONE);
}
