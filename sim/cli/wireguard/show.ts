import { formatIP, formatPrefix } from '../../base/address.ts';
import { EPOCH_SECONDS, type Micros, SECOND } from '../../base/time.ts';
import type { Endpoint } from '../../kernel/dev/wireguard/peer.ts';
import type { WireguardDevice, WireguardPeer } from '../../host/netlink/wireguard.ts';
import { formatKey } from './key.ts';

/** What `wg show` and `wg showconf` print (wireguard-tools, src/show.c and src/showconf.c). */

export interface Style {
  /** Escape sequences, as on a terminal. */
  colour: boolean;
  /** WG_HIDE_KEYS=never. */
  keysShown: boolean;
  now: Micros;
}

const RESET = '\x1b[0m';
const bold = (text: string) => `\x1b[1m${text}${RESET}`;
const green = (text: string) => `\x1b[32m${text}${RESET}`;
const yellow = (text: string) => `\x1b[33m${text}${RESET}`;
const cyan = (text: string) => `\x1b[36m${text}${RESET}`;

export function endpointText({ address, port }: Endpoint): string {
  return typeof address === 'bigint' ? `[${formatIP(address)}]:${port}` : `${formatIP(address)}:${port}`;
}

/** For people. */
export function describe(device: WireguardDevice, style: Style): string {
  const secret = (key: Uint8Array) => (style.keysShown ? formatKey(key) : '(hidden)');
  const line = (name: string, value: string) => `  ${bold(name)}: ${value}\n`;
  let text = `${RESET}\x1b[32m${bold('interface')}: ${green(device.name)}\n`;
  if (device.publicKey) text += line('public key', formatKey(device.publicKey));
  if (device.privateKey) text += line('private key', secret(device.privateKey));
  if (device.listenPort > 0) text += line('listening port', String(device.listenPort));
  if (device.fwmark > 0) text += line('fwmark', hexMark(device));
  for (const peer of byHandshake(device.peers)) {
    text += `\n\x1b[33m${bold('peer')}: ${yellow(formatKey(peer.publicKey))}\n`;
    if (peer.presharedKey) text += line('preshared key', secret(peer.presharedKey));
    if (peer.endpoint) text += line('endpoint', endpointText(peer.endpoint));
    const allowed = peer.allowedIps.map((prefix) => `${formatIP(prefix.address)}${cyan('/')}${prefix.length}`);
    text += line('allowed ips', allowed.join(', ') || '(none)');
    if (peer.lastHandshake !== undefined) text += line('latest handshake', ago(peer.lastHandshake, style.now));
    if (peer.rxBytes > 0 || peer.txBytes > 0) text += line('transfer', `${bytes(peer.rxBytes)} received, ${bytes(peer.txBytes)} sent`);
    if (peer.persistentKeepalive > 0) text += line('persistent keepalive', `every ${duration(peer.persistentKeepalive)}`);
  }
  return style.colour ? text : text.replace(/\x1b\[\d+m/g, '');
}

/** Those that were heard last stand first. */
function byHandshake(peers: readonly WireguardPeer[]): WireguardPeer[] {
  return [...peers].sort((a, b) => (b.lastHandshake ?? -1) - (a.lastHandshake ?? -1));
}

function ago(then: Micros, now: Micros): string {
  const seconds = Math.floor(now / SECOND) - Math.floor(then / SECOND);
  return seconds === 0 ? 'Now' : `${duration(seconds)} ago`;
}

const UNITS = [
  ['year', 365 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

function duration(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [name, length] of UNITS) {
    const count = Math.floor(left / length);
    left %= length;
    if (count > 0) parts.push(`${count} ${cyan(count === 1 ? name : `${name}s`)}`);
  }
  return parts.join(', ');
}

function bytes(count: number): string {
  if (count < 1024) return `${count} ${cyan('B')}`;
  let value = count;
  let unit = '';
  for (unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
    value /= 1024;
    if (value < 1024) break;
  }
  return `${value.toFixed(2)} ${cyan(unit)}`;
}

function hexMark({ fwmark }: WireguardDevice): string {
  return `0x${fwmark.toString(16)}`;
}

const keyOrNone = (key: Uint8Array | undefined) => (key ? formatKey(key) : '(none)');
const prefixes = (peer: WireguardPeer, separator: string) => peer.allowedIps.map(formatPrefix).join(separator) || '(none)';
const endpointOrNone = (peer: WireguardPeer) => (peer.endpoint ? endpointText(peer.endpoint) : '(none)');
const handshakeSeconds = ({ lastHandshake }: WireguardPeer) =>
  String(lastHandshake === undefined ? 0 : EPOCH_SECONDS + Math.floor(lastHandshake / SECOND));
const keepaliveOrOff = (peer: WireguardPeer) => String(peer.persistentKeepalive || 'off');
const markOrOff = (device: WireguardDevice) => (device.fwmark > 0 ? hexMark(device) : 'off');

/** One value of a device, or one line for each of its peers: the columns after the peer's key. */
type Field = { device: (device: WireguardDevice) => string[] } | { peer: (peer: WireguardPeer) => string[] };

const FIELDS: Readonly<Record<string, Field>> = {
  'public-key': { device: ({ publicKey }) => [keyOrNone(publicKey)] },
  'private-key': { device: ({ privateKey }) => [keyOrNone(privateKey)] },
  'listen-port': { device: ({ listenPort }) => [String(listenPort)] },
  fwmark: { device: (device) => [markOrOff(device)] },
  peers: { peer: () => [] },
  'preshared-keys': { peer: ({ presharedKey }) => [keyOrNone(presharedKey)] },
  endpoints: { peer: (peer) => [endpointOrNone(peer)] },
  'allowed-ips': { peer: (peer) => [prefixes(peer, ' ')] },
  'latest-handshakes': { peer: (peer) => [handshakeSeconds(peer)] },
  transfer: { peer: ({ rxBytes, txBytes }) => [String(rxBytes), String(txBytes)] },
  'persistent-keepalive': { peer: (peer) => [keepaliveOrOff(peer)] },
};

/** For scripts. @returns undefined for a field that there isn't */
export function showField(device: WireguardDevice, field: string, withName: boolean): string | undefined {
  const rows = field === 'dump' ? dump(device) : Object.hasOwn(FIELDS, field) ? rowsOf(device, FIELDS[field] as Field) : undefined;
  return rows?.map((row) => `${[...(withName ? [device.name] : []), ...row].join('\t')}\n`).join('');
}

function rowsOf(device: WireguardDevice, field: Field): string[][] {
  if ('device' in field) return [field.device(device)];
  return device.peers.map((peer) => [formatKey(peer.publicKey), ...field.peer(peer)]);
}

function dump(device: WireguardDevice): string[][] {
  const own = [keyOrNone(device.privateKey), keyOrNone(device.publicKey), String(device.listenPort), markOrOff(device)];
  const peers = device.peers.map((peer) => [
    formatKey(peer.publicKey),
    keyOrNone(peer.presharedKey),
    endpointOrNone(peer),
    prefixes(peer, ','),
    handshakeSeconds(peer),
    String(peer.rxBytes),
    String(peer.txBytes),
    keepaliveOrOff(peer),
  ]);
  return [own, ...peers];
}

/** As `wg setconf` reads it. */
export function configuration(device: WireguardDevice): string {
  let text = '[Interface]\n';
  if (device.listenPort > 0) text += `ListenPort = ${device.listenPort}\n`;
  if (device.fwmark > 0) text += `FwMark = ${hexMark(device)}\n`;
  if (device.privateKey) text += `PrivateKey = ${formatKey(device.privateKey)}\n`;
  const peers = device.peers.map((peer) => {
    let section = `[Peer]\nPublicKey = ${formatKey(peer.publicKey)}\n`;
    if (peer.presharedKey) section += `PresharedKey = ${formatKey(peer.presharedKey)}\n`;
    if (peer.allowedIps.length > 0) section += `AllowedIPs = ${prefixes(peer, ', ')}\n`;
    if (peer.endpoint) section += `Endpoint = ${endpointText(peer.endpoint)}\n`;
    if (peer.persistentKeepalive > 0) section += `PersistentKeepalive = ${peer.persistentKeepalive}\n`;
    return section;
  });
  return `${text}\n${peers.join('\n')}`;
}
