import type { Process } from '../../host/process.ts';

/** Whether characters are UTF-8 (LC_ALL, LC_CTYPE, LANG in this order, locale(7)); otherwise bytes are characters. */
export function isUtf8(process: Process): boolean {
  const name = ['LC_ALL', 'LC_CTYPE', 'LANG']
    .map((variable) => process.env.get(variable))
    .find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(name ?? '');
}
