import { type IP, parseIP } from '../../../base/address.ts';
import type { GatewayMode } from '../firewall.ts';
import { invalid, type Refusal, Refusal as RefusalValue } from '../refusal.ts';

/** The options of a bridge network, read (drivers/bridge `networkConfiguration`). */
export interface BridgeOptions {
  bridge: string;
  interContainer: boolean;
  masquerade: boolean;
  /** Without a host address in `-p`, ports are published here. */
  bindTo: IP | undefined;
  mode4: GatewayMode;
  mode6: GatewayMode;
  mtu: number;
  /** What the container's interfaces are called, before their number. */
  interfacePrefix: string;
  /** The bridge gets no IPv4 address: somebody else is the gateway. */
  inhibit4: boolean;
  hostAddress4: IP | undefined;
  hostAddress6: IP | undefined;
  trusted: string[];
}

const PREFIX = 'com.docker.network.';

/** Reads options by their full names; what isn't the driver's own is passed over. */
export function parseBridgeOptions(options: Readonly<Record<string, string>>, networkId: string): BridgeOptions | Refusal {
  const problems: string[] = [];
  const read = <T>(name: string, initial: T, parse: (text: string) => T | { error: string }): T => {
    const text = options[PREFIX + name];
    if (text === undefined) return initial;
    const value = parse(text);
    if (typeof value !== 'object' || value === null || !('error' in value)) return value as T;
    problems.push(`failed to parse ${PREFIX}${name} value: ${text} (${value.error})`);
    return initial;
  };
  const parsed: BridgeOptions = {
    bridge: options[`${PREFIX}bridge.name`] || `br-${networkId.slice(0, 12)}`,
    interContainer: read('bridge.enable_icc', true, parseBool),
    masquerade: read('bridge.enable_ip_masquerade', true, parseBool),
    bindTo: read<IP | undefined>('bridge.host_binding_ipv4', undefined, parseAddress),
    mode4: read<GatewayMode>('bridge.gateway_mode_ipv4', 'nat', parseMode),
    mode6: read<GatewayMode>('bridge.gateway_mode_ipv6', 'nat', parseMode),
    mtu: read('driver.mtu', 1_500, parseInteger),
    interfacePrefix: options[`${PREFIX}container_iface_prefix`] || 'eth',
    inhibit4: read('bridge.inhibit_ipv4', false, parseBool),
    hostAddress4: read<IP | undefined>('host_ipv4', undefined, parseAddress),
    hostAddress6: read<IP | undefined>('host_ipv6', undefined, parseAddress),
    trusted: (options[`${PREFIX}bridge.trusted_host_interfaces`] ?? '').split(':').filter((name) => name !== ''),
  };
  if (problems.length > 0) return invalid(problems[0] as string);
  return check(parsed) ?? parsed;
}

function check(options: BridgeOptions): Refusal | undefined {
  if (options.mtu < 0) return invalid(`invalid MTU number: ${options.mtu}`);
  if (options.mtu > 65_535) return new RefusalValue(500, 'invalid argument');
  if (options.bridge.length > 15 || /[\s/]/.test(options.bridge)) return new RefusalValue(500, 'numerical result out of range');
  return undefined;
}

/** strconv.ParseBool */
function parseBool(text: string): boolean | { error: string } {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  return { error: `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax` };
}

/** strconv.Atoi */
function parseInteger(text: string): number | { error: string } {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  return { error: `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax` };
}

function parseAddress(text: string): IP | undefined | { error: string } {
  return parseIP(text) ?? { error: 'nil ip' };
}

function parseMode(text: string): GatewayMode | { error: string } {
  if (text === '' || text === 'nat') return 'nat';
  if (text === 'nat-unprotected' || text === 'routed' || text === 'isolated') return text;
  return { error: `unknown gateway mode ${text}` };
}
