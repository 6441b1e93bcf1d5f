import { formatIP } from '../../../base/address.ts';
import { printPacket } from './packet.ts';
import type { PrintOptions, TcpConversations } from './printout.ts';

const PLAIN: PrintOptions = {
  verbose: 0,
  link: false,
  numeric: true,
  quiet: 0,
  absolute: false,
  noChecksums: false,
  noDefaultDump: false,
  oneLine: false,
};

/** What tcpdump prints of a frame of Ethernet, with `-n` unless told otherwise. */
export function line(
  bytes: Uint8Array,
  options: Partial<PrintOptions> = {},
  conversations: TcpConversations = new Map(),
  length = bytes.length,
): string {
  const names = { port: String, protocol: () => undefined, device: () => undefined };
  const context = { options: { ...PLAIN, ...options }, dump: undefined, names, conversations };
  const parts = printPacket({ bytes, length, linkType: 1 }, context, () => '');
  return parts.map((part) => (typeof part === 'string' ? part : formatIP(part.address))).join('');
}
