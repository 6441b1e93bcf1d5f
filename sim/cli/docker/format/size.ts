const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A size with decimal units and so many significant digits, as `2.06MB` (go-units `HumanSizeWithPrecision`). */
export function humanSize(bytes: number, digits: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${significant(value, digits)}${UNITS[unit]}`;
}

/** A size with binary units, as `4GiB` (go-units `BytesSize`). */
export function binarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${significant(value, 4)}${units[unit]}`;
}

/** printf's %.Ng: N significant digits, no zeros at the end. */
function significant(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
