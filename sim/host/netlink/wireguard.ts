import type { Prefix } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { Endpoint, Peer } from '../../kernel/dev/wireguard/peer.ts';
import { Wireguard } from '../../kernel/dev/wireguard/wireguard.ts';
import type { Process } from '../process.ts';

/** WireGuard's settings over generic netlink (include/uapi/linux/wireguard.h, drivers/net/wireguard/netlink.c). */

export interface WireguardPeer {
  publicKey: Uint8Array;
  /** `undefined` when it is all zeros. */
  presharedKey: Uint8Array | undefined;
  endpoint: Endpoint | undefined;
  allowedIps: Prefix[];
  lastHandshake: Micros | undefined;
  rxBytes: number;
  txBytes: number;
  /** Seconds, 0 for off. */
  persistentKeepalive: number;
}

export interface WireguardDevice {
  name: string;
  privateKey: Uint8Array | undefined;
  publicKey: Uint8Array | undefined;
  listenPort: number;
  fwmark: number;
  peers: WireguardPeer[];
}

/** What is absent stays as it is. */
export interface PeerChange {
  publicKey: Uint8Array;
  remove?: boolean;
  presharedKey?: Uint8Array;
  endpoint?: Endpoint;
  persistentKeepalive?: number;
  replaceAllowedIps?: boolean;
  allowedIps: { prefix: Prefix; remove: boolean }[];
}

export interface WireguardChanges {
  /** All zeros takes it away. */
  privateKey?: Uint8Array;
  listenPort?: number;
  fwmark?: number;
  replacePeers?: boolean;
  peers: PeerChange[];
}

/** @returns EPERM without CAP_NET_ADMIN, ENODEV, EOPNOTSUPP for a device of another kind */
function find(process: Process, name: string): Wireguard | Errno {
  if (!process.capable('NET_ADMIN')) return 'EPERM';
  const device = process.namespaces.net.deviceByName(name);
  if (!device) return 'ENODEV';
  return device instanceof Wireguard ? device : 'EOPNOTSUPP';
}

/** The names of the WireGuard devices of a process's namespace, by index. */
export function wireguardNames(process: Process): string[] {
  const { net } = process.namespaces;
  return net
    .listDevices()
    .filter((device) => device instanceof Wireguard)
    .map((device) => device.name);
}

/** WG_CMD_GET_DEVICE. */
export function getWireguard(process: Process, name: string): WireguardDevice | Errno {
  const device = find(process, name);
  if (typeof device === 'string') return device;
  const { identity, listenPort, fwmark } = device;
  const peers = [...device.peers.values()].map(describe);
  return { name, privateKey: identity?.privateKey, publicKey: identity?.publicKey, listenPort, fwmark, peers };
}

function describe(peer: Peer): WireguardPeer {
  const { publicKey, presharedKey, endpoint, allowedIps, lastHandshake, rxBytes, txBytes, persistentKeepalive } = peer;
  const secret = isZero(presharedKey) ? undefined : presharedKey;
  return { publicKey, presharedKey: secret, endpoint, allowedIps, lastHandshake, rxBytes, txBytes, persistentKeepalive };
}

export function isZero(key: Uint8Array): boolean {
  return key.every((byte) => byte === 0);
}

/** WG_CMD_SET_DEVICE, in the kernel's order. */
export function setWireguard(process: Process, name: string, changes: WireguardChanges): Errno | undefined {
  const device = find(process, name);
  if (typeof device === 'string') return device;
  if (changes.fwmark !== undefined) device.setMark(changes.fwmark);
  if (changes.listenPort !== undefined) {
    const failed = device.setPort(changes.listenPort);
    if (failed) return failed;
  }
  if (changes.replacePeers) for (const peer of [...device.peers.values()]) device.removePeer(peer.publicKey);
  const { privateKey } = changes;
  if (privateKey) device.setPrivateKey(isZero(privateKey) ? undefined : privateKey);
  for (const change of changes.peers) setPeer(device, change);
  return undefined;
}

/** set_peer: one that isn't there is made, but for being removed. */
function setPeer(device: Wireguard, change: PeerChange): void {
  const known = device.peer(change.publicKey);
  if (change.remove) {
    if (known) device.removePeer(change.publicKey);
    return;
  }
  const peer = known ?? device.addPeer(change.publicKey);
  if (!peer) return;
  if (change.presharedKey) peer.presharedKey = change.presharedKey;
  if (change.endpoint) {
    peer.endpoint = change.endpoint;
    peer.forgetSource();
  }
  if (change.replaceAllowedIps) device.allowedIps.removeAll(peer);
  for (const { prefix, remove } of change.allowedIps) {
    if (remove) device.allowedIps.remove(prefix, peer);
    else device.allowedIps.insert(prefix, peer);
  }
  const { persistentKeepalive } = change;
  const begins = peer.persistentKeepalive === 0 && (persistentKeepalive ?? 0) > 0;
  if (persistentKeepalive !== undefined) peer.persistentKeepalive = persistentKeepalive;
  if (!device.up) return;
  if (begins) peer.sendKeepalive();
  peer.sendStaged();
}
