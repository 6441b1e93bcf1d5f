import type { PeerChange, WireguardChanges, WireguardPeer } from '../../host/netlink/wireguard.ts';
import { KEY_LENGTH } from '../../kernel/dev/wireguard/handshake.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { readKey, setPlain } from './config.ts';
import { formatKey } from './key.ts';

/** Keys of a configuration file's sections, and the words of `wg set` that they are. */
const KEYS: Readonly<Record<'interface' | 'peer', Readonly<Record<string, string>>>> = {
  interface: { listenport: 'listen-port', fwmark: 'fwmark', privatekey: 'private-key' },
  peer: {
    endpoint: 'endpoint',
    publickey: 'public-key',
    allowedips: 'allowed-ips',
    persistentkeepalive: 'persistent-keepalive',
    presharedkey: 'preshared-key',
  },
};

interface Reading {
  changes: WireguardChanges;
  section: 'interface' | 'peer' | undefined;
}

/**
 * Reads a configuration (wireguard-tools, src/config.c).
 *
 * @param append what the file doesn't say stays as it is (`addconf`)
 * @returns undefined when something was wrong, which has been said
 */
export function* readConfiguration(process: Process, text: string, append: boolean): Blocking<WireguardChanges | undefined> {
  const all = { privateKey: new Uint8Array(KEY_LENGTH), listenPort: 0, fwmark: 0, replacePeers: true };
  const reading: Reading = { changes: { ...(append ? {} : all), peers: [] }, section: undefined };
  for (const line of text.split('\n')) {
    const cleaned = line.replace(/#.*/s, '').replace(/\s/g, '');
    if (cleaned === '' || (yield* readLine(process, cleaned, reading))) continue;
    yield* process.write(2, 'Configuration parsing error\n');
    return undefined;
  }
  if (reading.changes.peers.every((peer) => peer.publicKey.length > 0)) return reading.changes;
  yield* process.write(2, 'A peer is missing a public key\nInvalid configuration\n');
  return undefined;
}

function* readLine(process: Process, line: string, reading: Reading): Blocking<boolean> {
  const { changes } = reading;
  const title = line.toLowerCase();
  if (title === '[interface]') {
    reading.section = 'interface';
    return true;
  }
  if (title === '[peer]') {
    reading.section = 'peer';
    changes.peers.push({ publicKey: new Uint8Array(0), allowedIps: [], replaceAllowedIps: true });
    return true;
  }
  const equals = line.indexOf('=');
  const known = reading.section && KEYS[reading.section];
  const name = title.slice(0, Math.max(0, equals));
  const value = line.slice(equals + 1);
  if (!known || !Object.hasOwn(known, name) || value === '') {
    yield* process.write(2, `Line unrecognized: \`${line}'\n`);
    return false;
  }
  const word = known[name] as string;
  const peer = reading.section === 'peer' ? changes.peers.at(-1) : undefined;
  if (!word.endsWith('-key')) return yield* setPlain(process, word, value, changes, peer);
  const key = yield* readKey(process, value);
  if (!key) return false;
  if (word === 'private-key') changes.privateKey = key;
  else if (peer) peer[word === 'public-key' ? 'publicKey' : 'presharedKey'] = key;
  return true;
}

/** What `syncconf` makes of a file: peers that are in both keep their sessions, those that are only in the kernel go. */
export function synchronise(changes: WireguardChanges, present: readonly WireguardPeer[]): void {
  if (changes.peers.length === 0 || present.length === 0) return;
  changes.replacePeers = false;
  const removed: PeerChange[] = [];
  for (const peer of present) {
    const wanted = changes.peers.find((candidate) => formatKey(candidate.publicKey) === formatKey(peer.publicKey));
    if (!wanted) removed.unshift({ publicKey: peer.publicKey, remove: true, allowedIps: [] });
    else {
      if (peer.presharedKey && !wanted.presharedKey) wanted.presharedKey = new Uint8Array(KEY_LENGTH);
      if (peer.persistentKeepalive > 0) wanted.persistentKeepalive ??= 0;
    }
  }
  changes.peers.unshift(...removed);
}
