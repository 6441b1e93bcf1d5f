import { parseIP } from '../../../base/address.ts';
import type { EndpointSettings } from '../container/settings.ts';
import { invalid, type Refusal } from '../refusal.ts';
import { ENDPOINT_SYSCTLS } from './interface.ts';
import { contains } from './ipam.ts';
import type { Network } from './network.ts';

/**
 * What the Engine checks about what a container wants on a network (daemon/network `ValidateEndpointSettings`).
 *
 * @returns the sentences after "invalid endpoint settings:", one a line
 */
export function checkEndpoint(network: Network, settings: EndpointSettings): string | undefined {
  const problems = [
    ...addressProblems(network, settings.IPAMConfig?.IPv4Address, 4),
    ...addressProblems(network, settings.IPAMConfig?.IPv6Address, 6),
    ...sysctlProblems(settings.DriverOpts?.[ENDPOINT_SYSCTLS] ?? ''),
  ];
  if (problems.length === 0) return undefined;
  // A single complaint stands without its bullet (multierror.Join).
  return `invalid endpoint settings:\n${problems.length === 1 ? problems[0] : problems.map((problem) => `* ${problem}`).join('\n')}`;
}

function addressProblems(network: Network, wanted: string | undefined, family: 4 | 6): string[] {
  if (wanted === undefined || wanted === '') return [];
  const problems: string[] = [];
  const parsed = parseIP(wanted);
  const address = typeof parsed === (family === 4 ? 'number' : 'bigint') ? parsed : undefined;
  const ipam = family === 4 ? network.ipam : network.ipam6;
  if (network.predefined) problems.push('user specified IP address is supported on user defined networks only');
  if (address === undefined) problems.push(`invalid IPv${family} address: ${wanted}`);
  if (!ipam?.configured)
    problems.push('user specified IP address is supported only when connecting to networks with user configured subnets');
  else if (address === undefined || !contains(ipam.pool.subnet, address)) {
    problems.push(`no configured subnet or ip-range contain the IP address ${wanted}`);
  }
  return problems;
}

function sysctlProblems(text: string): string[] {
  return text
    .split(',')
    .filter((setting) => setting !== '' && !/^net\.(ipv4|ipv6|mpls)\.[^.]+\.IFNAME\.[^=]+=/.test(setting))
    .map(
      (setting) =>
        `unrecognised network interface sysctl '${setting}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
    );
}

/** The same at a container's creation, which says for which network. */
export function checkNewEndpoint(network: Network, settings: EndpointSettings): Refusal | undefined {
  const problem = checkEndpoint(network, settings);
  return problem === undefined ? undefined : invalid(`invalid config for network ${network.name}: ${problem}`);
}
