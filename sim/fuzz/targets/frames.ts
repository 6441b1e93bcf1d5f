import fc from 'fast-check';
import { formatIP } from '../../base/address.ts';
import { printPacket } from '../../cli/tcpdump/printers/packet.ts';
import { printers } from '../../cli/tcpdump/printers/registry.ts';
import { dissect, type Layer } from '../../trace/frame.ts';
import { summarise } from '../../trace/summarise.ts';
import { nearBytes } from '../mutate.ts';
import { demand, target } from '../target.ts';
import { frames } from '../valid.ts';

/** No layer and no field points outside of its frame. */
function checkLayers(frame: Uint8Array, layers: readonly Layer[]): void {
  for (const { offset, length, fields, quote } of layers) {
    demand(offset + length <= frame.length, () => `a layer of ${length} bytes at ${offset} of ${frame.length}`);
    for (const field of fields) {
      demand(
        field.offset >= offset && field.offset + field.length <= frame.length,
        () => `the field ${field.name} is outside of the frame`,
      );
    }
    checkLayers(frame, quote ?? []);
  }
}

/** The packet view's and the diagrams' readings of a frame. */
export const dissection = target(
  'dissection',
  12,
  () => fc.tuple(nearBytes(frames()), fc.constantFrom('ethernet' as const, 'ip' as const)),
  ([frame, start]) => {
    checkLayers(frame, dissect(frame, start));
    const { text } = summarise(frame, start);
    demand(!/undefined|NaN/.test(text), () => text);
  },
);

const LINK_TYPES = [...printers.linkTypes.keys()];

/** tcpdump's lines of damaged packets, with every option that changes them. */
export const printing = target(
  'tcpdump packets',
  12,
  () =>
    fc.record({
      frame: nearBytes(frames()),
      linkType: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.constantFrom(...LINK_TYPES)),
      more: fc.nat(20),
      verbose: fc.nat(3),
      quiet: fc.nat(1),
      link: fc.boolean(),
      numeric: fc.boolean(),
      absolute: fc.boolean(),
      noChecksums: fc.boolean(),
      oneLine: fc.boolean(),
      dump: fc.constantFrom(undefined, 'hex', 'hex-ascii', 'ascii'),
      level: fc.integer({ min: 1, max: 2 }),
    }),
  ({ frame, linkType, more, dump, level, ...chosen }) => {
    const names = { port: String, protocol: () => undefined, device: () => undefined };
    const options = { ...chosen, noDefaultDump: false };
    const context = { options, dump: dump && { kind: dump as 'hex', level }, names, conversations: new Map() };
    const parts = printPacket({ bytes: frame, length: frame.length + (more > 15 ? more : 0), linkType }, context, () => '');
    const text = parts.map((part) => (typeof part === 'string' ? part : formatIP(part.address))).join('');
    demand(text !== '', () => 'an empty line');
    demand(!/undefined|NaN/.test(text), () => text);
  },
);
