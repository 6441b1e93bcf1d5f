/** Floating-point conversions of printf(3): `%f %e %g %a` in both cases, with the flags `+`, space and `#`. */
export function formatFloat(value: number, letter: string, precision: number | undefined, flags: string): string {
  const negative = value < 0 || Object.is(value, -0);
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const magnitude = Math.abs(value);
  const body = Number.isNaN(value) ? 'nan' : magnitude === Infinity ? 'inf' : digitsOf(magnitude, letter.toLowerCase(), precision, flags);
  const text = sign + body;
  return letter === letter.toUpperCase() ? text.toUpperCase() : text;
}

function digitsOf(value: number, letter: string, precision: number | undefined, flags: string): string {
  if (letter === 'f') return fixed(value, precision ?? 6);
  if (letter === 'e') return exponential(value, precision ?? 6);
  if (letter === 'a') return hexadecimal(value, precision);
  return general(value, precision ?? 6, flags.includes('#'));
}

/** `toFixed` for any size, with ties to even as the C library rounds. */
function fixed(value: number, precision: number): string {
  if (value >= 1e21) {
    const whole = BigInt(value).toString();
    return precision > 0 ? `${whole}.${'0'.repeat(precision)}` : whole;
  }
  const places = Math.min(precision, 100);
  let text = value.toFixed(places);
  const scaled = value * 10 ** places;
  if (places <= 15 && scaled < 2 ** 52 && scaled - Math.floor(scaled) === 0.5 && scaled / 10 ** places === value) {
    const even = Math.floor(scaled) % 2 === 0 ? Math.floor(scaled) : Math.ceil(scaled);
    const digits = String(even).padStart(places + 1, '0');
    const exact = Number.isInteger(value * 2 ** 40);
    if (exact) text = places > 0 ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  }
  return precision > 100 ? text + '0'.repeat(precision - 100) : text;
}

function exponential(value: number, precision: number): string {
  const text = value.toExponential(Math.min(precision, 100));
  const [mantissa = '', exponent = ''] = text.split('e');
  const size = exponent.slice(1).padStart(2, '0');
  return `${mantissa}${'0'.repeat(Math.max(0, precision - 100))}e${exponent[0]}${size}`;
}

function general(value: number, precision: number, keepZeros: boolean): string {
  const significant = Math.min(precision || 1, 100);
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split('e')[1]);
  const small = exponent < -4 || exponent >= significant;
  const text = small ? exponential(value, significant - 1) : fixed(value, significant - 1 - exponent);
  if (keepZeros || !text.includes('.')) return text;
  return small ? text.replace(/\.?0*e/, 'e') : text.replace(/\.?0+$/, '');
}

/** As the C library prints an 80-bit long double, whose leading digit holds four bits: 1 is 0x8p-3. */
function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return precision ? `0x0.${'0'.repeat(precision)}p+0` : '0x0p+0';
  let exponent = Math.floor(Math.log2(value)) - 3;
  let scaled = value / 2 ** exponent;
  while (scaled >= 16) {
    scaled /= 2;
    exponent++;
  }
  while (scaled < 8) {
    scaled *= 2;
    exponent--;
  }
  let digits = '';
  let lead = Math.floor(scaled);
  let rest = scaled - lead;
  if (precision !== undefined) {
    const unit = 16 ** precision;
    rest = Math.round(rest * unit) / unit;
    if (rest >= 1) {
      lead++;
      rest = 0;
    }
  }
  while (rest > 0 && digits.length < (precision ?? 16)) {
    rest *= 16;
    digits += Math.floor(rest).toString(16);
    rest -= Math.floor(rest);
  }
  if (precision !== undefined) digits = digits.padEnd(precision, '0');
  return `0x${lead.toString(16)}${digits === '' ? '' : `.${digits}`}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}
