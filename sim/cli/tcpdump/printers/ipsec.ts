import { printUpper } from './ipv4.ts';
import { hex, type UpperPrinter } from './printout.ts';

/** IPsec's headers (print-esp.c, print-ah.c); no keys are known, so what ESP carries stays hidden. */

export const esp: UpperPrinter = (out, at, length) => {
  out.protocol = 'esp';
  if (at + 8 >= out.end) return out.truncated();
  out.write(`ESP(spi=0x${hex(out.u32(at), 8)},seq=0x${hex(out.u32(at + 4))}), length ${length}`);
};

/** An authentication header; what it vouches for follows on the same line. */
export const ah: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'ah';
  out.expect(at, 1);
  const next = out.u8(at);
  out.write('AH');
  const words = out.u8(at + 1);
  const size = (words + 2) * 4;
  out.write('(');
  if (out.options.verbose) out.write(`length=${words}(${size}-bytes),`);
  const reserved = out.u16(at + 2);
  if (reserved) out.write(`reserved=0x${hex(reserved)}[MustBeZero],`);
  out.write(`spi=0x${hex(out.u32(at + 4), 8)},`);
  out.write(`seq=0x${hex(out.u32(at + 8))},`);
  out.write('icv=0x');
  for (let i = at + 12; i < at + size; i++) out.write(hex(out.u8(i), 2));
  out.write('): ');
  printUpper(out, at + size, length - size, next, ip);
};
