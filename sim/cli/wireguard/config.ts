import { addressBits, formatIP, networkOf, parseIPv4, parseIPv6 } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import type { PeerChange, WireguardChanges } from '../../host/netlink/wireguard.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { KEY_LENGTH } from '../../kernel/dev/wireguard/handshake.ts';
import type { Endpoint } from '../../kernel/dev/wireguard/peer.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { servicePort } from '../service-names.ts';
import { KEY_TEXT, parseKey } from './key.ts';

/** The values of `wg set` and of configuration files (wireguard-tools, src/config.c). What is wrong has been said when they fail. */

function* complain(process: Process, text: string): Blocking<undefined> {
  yield* process.write(2, `${text}\n`);
  return undefined;
}

const NO_SERVICE = 'Servname not supported for ai_socktype';

/** A number, of which 16 bits are kept, or a service that UDP has. */
function* portNumber(process: Process, text: string): Blocking<number | undefined> {
  if (/^\d+$/.test(text)) return Number(text) % 65_536;
  const bytes = yield* process.readFile('/etc/services');
  const udp = typeof bytes !== 'string' && new RegExp(`^${text.replace(/\W/g, '\\$&')}\\s+\\d+/udp`, 'm').test(decode(bytes));
  return udp ? (yield* servicePort(process))(text) : undefined;
}

export function* readPort(process: Process, text: string): Blocking<number | undefined> {
  if (text === '') return yield* complain(process, 'Unable to parse empty port');
  return (yield* portNumber(process, text)) ?? (yield* complain(process, `${NO_SERVICE}: \`${text}'`));
}

export function* readMark(process: Process, text: string): Blocking<number | undefined> {
  if (text.toLowerCase() === 'off') return 0;
  const value = /^\d+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 0xffff_ffff) return value;
  return yield* complain(process, `Fwmark is neither 0/off nor 0-0xffffffff: \`${text}'`);
}

export function* readKey(process: Process, text: string): Blocking<Uint8Array | undefined> {
  return parseKey(text) ?? (yield* complain(process, `Key is not the correct length or format: \`${text}'`));
}

/** A key in a file; an empty one, as /dev/null, stands for no key. */
export function* readKeyFile(process: Process, path: string): Blocking<Uint8Array | undefined> {
  const bytes = yield* process.readFile(path);
  if (typeof bytes === 'string') return yield* complain(process, `fopen: ${strerror(bytes)}`);
  if (bytes.length === 0) return new Uint8Array(KEY_LENGTH);
  const text = decode(bytes);
  if (text.length < KEY_TEXT) return yield* complain(process, 'Invalid length key in key file');
  const trailing = /\S/.exec(text.slice(KEY_TEXT))?.[0];
  if (trailing !== undefined) return yield* complain(process, `Found trailing character in key file: \`${trailing}'`);
  return yield* readKey(process, text.slice(0, KEY_TEXT));
}

export function* readKeepalive(process: Process, text: string): Blocking<number | undefined> {
  if (text.toLowerCase() === 'off') return 0;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  return yield* complain(process, `Persistent keepalive interval is neither 0/off nor 1-65535: \`${text}'`);
}

/** `HOST:PORT` or `[ADDRESS]:PORT`, cut in two; otherwise what is missing. */
function splitEndpoint(text: string): { host: string; port: string } | string {
  if (text === '') return 'Unable to parse empty endpoint';
  const brace = text.startsWith('[');
  const end = brace ? text.indexOf(']') : text.lastIndexOf(':');
  if (brace && end < 0) return `Unable to find matching brace of endpoint: \`${text}'`;
  const colon = brace ? end + 1 : end;
  if (end < 0 || text[colon] !== ':' || colon + 1 === text.length) return `Unable to find port of endpoint: \`${text}'`;
  return { host: text.slice(brace ? 1 : 0, end), port: text.slice(colon + 1) };
}

/** How often a name is asked for whose server doesn't answer. */
const RETRIES = 15;

export function* readEndpoint(process: Process, text: string): Blocking<Endpoint | undefined> {
  const parts = splitEndpoint(text);
  if (typeof parts === 'string') return yield* complain(process, parts);
  const port = yield* portNumber(process, parts.port);
  if (port === undefined) return yield* complain(process, `${NO_SERVICE}: \`${text}'`);
  const wanted = process.env.get('WG_ENDPOINT_RESOLUTION_RETRIES') ?? String(RETRIES);
  if (wanted !== 'infinity' && !/^\d+$/.test(wanted))
    return yield* complain(process, `Unable to parse WG_ENDPOINT_RESOLUTION_RETRIES: \`${wanted}'`);
  let retries = wanted === 'infinity' ? Number.POSITIVE_INFINITY : Number(wanted);
  for (let timeout = SECOND; ; timeout = Math.min(20 * SECOND, Math.floor((timeout * 6) / 5))) {
    const found = yield* resolveName(process, parts.host);
    if (typeof found !== 'string') return { address: found.addresses[0] as Endpoint['address'], port };
    const problem = `${resolutionErrorText(found)}: \`${text}'`;
    if (found === 'EAI_NONAME' || found === 'EAI_NODATA' || retries-- <= 0) return yield* complain(process, problem);
    yield* complain(process, `${problem}. Trying again in ${(timeout / SECOND).toFixed(2)} seconds...`);
    yield* process.sleep(timeout);
  }
}

/** Adds to a peer's allowed addresses, or, with signs before them, changes those that it has. @returns whether all were right */
export function* readAllowedIps(process: Process, text: string, peer: PeerChange): Blocking<boolean> {
  peer.replaceAllowedIps = true;
  if (text === '') return true;
  for (const word of text.split(',')) {
    const signed = word.startsWith('+') || word.startsWith('-');
    if (signed) peer.replaceAllowedIps = false;
    const plain = signed ? word.slice(1) : word;
    const [host = '', digits] = plain.split(/\/(.*)/s, 2);
    const address = host.includes(':') ? parseIPv6(host) : parseIPv4(host);
    if (address === undefined) {
      yield* complain(process, `Unable to parse IP address: \`${host}'`);
      return false;
    }
    const length = digits === undefined ? addressBits(address) : Number(digits);
    if ((digits !== undefined && !/^\d+$/.test(digits)) || length > addressBits(address)) {
      yield* complain(process, `AllowedIP is not in the correct format: \`${plain}'`);
      return false;
    }
    if (networkOf(address, length) !== address)
      yield* complain(process, `Warning: AllowedIP has nonzero host part: ${formatIP(address)}/${digits}`);
    peer.allowedIps.push({ prefix: { address, length }, remove: word.startsWith('-') });
  }
  return true;
}

/** The words of `wg set` after the interface. @returns undefined when one was wrong */
export function* readArguments(process: Process, words: readonly string[]): Blocking<WireguardChanges | undefined> {
  const changes: WireguardChanges = { peers: [] };
  for (let i = 0; i < words.length; ) {
    const word = words[i] as string;
    const value = words[i + 1];
    const peer = changes.peers.at(-1);
    if (word === 'remove' && peer) {
      peer.remove = true;
      i++;
      continue;
    }
    const takes = peer ? PEER_WORDS.has(word) : DEVICE_WORDS.has(word);
    if (value === undefined || !(takes || word === 'peer')) return yield* complain(process, `Invalid argument: ${word}`);
    const fine = word === 'peer' ? yield* newPeer(process, value, changes) : yield* setValue(process, word, value, changes, peer);
    if (!fine) return undefined;
    i += 2;
  }
  return changes;
}

const DEVICE_WORDS = new Set(['listen-port', 'fwmark', 'private-key']);
const PEER_WORDS = new Set(['endpoint', 'allowed-ips', 'persistent-keepalive', 'preshared-key']);

function* newPeer(process: Process, text: string, changes: WireguardChanges): Blocking<boolean> {
  const publicKey = yield* readKey(process, text);
  if (publicKey) changes.peers.push({ publicKey, allowedIps: [] });
  return publicKey !== undefined;
}

/** @param peer the last that was named */
function* setValue(
  process: Process,
  word: string,
  value: string,
  changes: WireguardChanges,
  peer: PeerChange | undefined,
): Blocking<boolean> {
  if (word === 'private-key' || word === 'preshared-key') {
    const key = yield* readKeyFile(process, value);
    if (key && peer) peer.presharedKey = key;
    else if (key) changes.privateKey = key;
    return key !== undefined;
  }
  return yield* setPlain(process, word, value.replace(/\s/g, word === 'allowed-ips' ? '' : '$&'), changes, peer);
}

/** What files and command lines write alike. */
export function* setPlain(
  process: Process,
  word: string,
  value: string,
  changes: WireguardChanges,
  peer: PeerChange | undefined,
): Blocking<boolean> {
  if (word === 'endpoint') {
    const endpoint = yield* readEndpoint(process, value);
    if (peer && endpoint) peer.endpoint = endpoint;
    return endpoint !== undefined;
  }
  if (word === 'allowed-ips') return peer !== undefined && (yield* readAllowedIps(process, value, peer));
  if (word === 'persistent-keepalive') {
    const seconds = yield* readKeepalive(process, value);
    if (peer && seconds !== undefined) peer.persistentKeepalive = seconds;
    return seconds !== undefined;
  }
  const number = word === 'fwmark' ? yield* readMark(process, value) : yield* readPort(process, value);
  if (number === undefined) return false;
  if (word === 'fwmark') changes.fwmark = number;
  else changes.listenPort = number;
  return true;
}
