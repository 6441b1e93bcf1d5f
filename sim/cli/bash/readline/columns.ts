import { textWidth } from './width.ts';

/** Lists labels in columns, down first, as readline does; two blanks between. */
export function inColumns(labels: readonly string[], width: number): string {
  const widest = Math.max(...labels.map(textWidth)) + 2;
  const columns = Math.max(1, Math.floor(width / widest));
  const rows = Math.ceil(labels.length / columns);
  let text = '';
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let i = row; i < labels.length; i += rows) {
      const label = labels[i] as string;
      line += i + rows < labels.length ? label + ' '.repeat(widest - textWidth(label)) : label;
    }
    text += `${line}\n`;
  }
  return text;
}
