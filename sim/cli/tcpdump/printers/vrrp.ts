import { checksum } from '../../../wire/checksum.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { pseudoHeader } from './checksums.ts';
import { printPadded } from './characters.ts';
import { hex, type IpContext, named, type Printout, type UpperPrinter } from './printout.ts';

/** VRRP in its versions 2 and 3 (print-vrrp.c). */

const ADVERTISEMENT = 1;
const AUTHENTICATION: Readonly<Record<number, string>> = { 0: 'none', 1: 'simple', 2: 'ah' };
const SIMPLE = 1;

export const vrrp: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'vrrp';
  out.write('VRRP');
  const first = out.u8(at);
  const [version, type] = [first >>> 4, first & 15];
  out.write(`v${version}, ${type === ADVERTISEMENT ? 'Advertisement' : `unknown type (${type})`}`);
  const ttl = out.u8(ip.header + (ip.version === 4 ? 8 : 7));
  if (ttl !== 255) out.write(`, (ttl ${ttl})`);
  if (version < 2 || version > 3 || type !== ADVERTISEMENT) return;
  out.write(`, vrid ${out.u8(at + 1)}, prio ${out.u8(at + 2)}`);
  if (version === 2) {
    out.write(`, authtype ${named(AUTHENTICATION, out.u8(at + 4), (value) => `#${value}`)}`);
    out.write(`, intvl ${out.u8(at + 5)}s, length ${length}`);
  } else out.write(`, intvl ${out.u16(at + 4) & 0xfff}cs, length ${length}`);
  if (!out.options.verbose) return;
  if (out.has(at, length)) {
    const pseudo = version === 3 ? pseudoHeader(out, ip, PROTOCOL.VRRP, length) : 0;
    if (checksum(out.b, at, at + length, pseudo) !== 0) out.write(`, (bad vrrp cksum ${hex(out.u16(at + 6))})`);
  }
  printAddresses(out, at, ip, version);
};

function printAddresses(out: Printout, at: number, ip: IpContext, version: number): void {
  const count = out.u8(at + 3);
  out.write(`, addrs${count > 1 ? `(${count})` : ''}:`);
  const size = ip.version === 4 ? 4 : 16;
  for (let i = 0; i < count; i++) out.withAddress(i === 0 ? ' ' : ',', at + 8 + i * size, size);
  if (version !== 2 || out.u8(at + 4) !== SIMPLE) return;
  out.write(' auth "');
  printPadded(out, at + 8 + count * size, 8);
  out.write('"');
}
