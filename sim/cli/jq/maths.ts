import { fail, shown } from './error.ts';
import { isNumber, toDouble, type Value } from './value.ts';

/** Functions of the C library's libm, by their number of arguments (the input counts for those of one). */
export const ONE: Record<string, (x: number) => number> = {
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  exp: Math.exp,
  exp10: (x) => 10 ** x,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  fabs: Math.abs,
  floor: Math.floor,
  gamma: lgamma,
  lgamma,
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  logb: (x) => (x === 0 ? Number.NEGATIVE_INFINITY : exponentOf(x) - 1),
  nearbyint: halfToEven,
  rint: halfToEven,
  round: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  significand: (x) => (x === 0 || !Number.isFinite(x) ? x : x / 2 ** (exponentOf(x) - 1)),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  tgamma: (x) => Math.exp(lgamma(x)),
  trunc: Math.trunc,
};

export const TWO: Record<string, (x: number, y: number) => number> = {
  atan2: Math.atan2,
  copysign: (x, y) => (Math.sign(x) === Math.sign(y) || Object.is(y, 0) ? Math.abs(x) * (y < 0 || Object.is(y, -0) ? -1 : 1) : -x),
  drem: ieeeRemainder,
  fdim: (x, y) => Math.max(x - y, 0),
  fmax: Math.max,
  fmin: Math.min,
  fmod: (x, y) => x % y,
  hypot: Math.hypot,
  ldexp: (x, y) => x * 2 ** y,
  pow: (x, y) => x ** y,
  scalb: (x, y) => x * 2 ** y,
  scalbln: (x, y) => x * 2 ** y,
};

export const THREE: Record<string, (x: number, y: number, z: number) => number> = { fma: (x, y, z) => x * y + z };

export function numberRequired(value: Value): number {
  return isNumber(value) ? toDouble(value) : fail(`${shown(value)} number required`);
}

function halfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

function ieeeRemainder(x: number, y: number): number {
  return y === 0 ? Number.NaN : x - y * halfToEven(x / y);
}

/** The exponent of `frexp`: x = m · 2^e with 0.5 ≤ |m| < 1. */
export function exponentOf(x: number): number {
  let exponent = Math.floor(Math.log2(Math.abs(x))) + 1;
  while (Math.abs(x) / 2 ** exponent >= 1) exponent++;
  while (Math.abs(x) / 2 ** exponent < 0.5) exponent--;
  return exponent;
}

/** ln |Γ(x)| by Lanczos' approximation (g = 7, n = 9), good to about 15 digits. */
function lgamma(x: number): number {
  if (x < 0.5) return Math.log(Math.abs(Math.PI / Math.sin(Math.PI * x))) - lgamma(1 - x);
  const at = x - 1;
  let sum = 0.999_999_999_999_809_93;
  LANCZOS.forEach((coefficient, i) => {
    sum += coefficient / (at + i + 1);
  });
  const t = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13, -176.615_029_162_140_59, 12.507_343_278_686_905,
  -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6, 1.505_632_735_149_311_6e-7,
];
