/**
 * `npm run bench [NAME …]`: what the simulation costs, as multiples of a fixed piece of work measured in the same run, so that numbers
 * from different machines can be compared. Names choose families.
 */
import { commandFigures } from './commands.ts';
import { forwardingFigures } from './forwarding.ts';
import { type Figure, unitOfWork } from './measure.ts';
import { memoryFigures } from './memory.ts';
import { serviceFigures } from './services.ts';

/** Adding a family: its file, and a line here. */
const FAMILIES: Readonly<Record<string, () => Figure[]>> = {
  commands: commandFigures,
  forwarding: forwardingFigures,
  memory: memoryFigures,
  services: serviceFigures,
};

const wanted = process.argv.slice(2);
const unit = unitOfWork();
report({ what: 'unit of work', value: unit, unit: 'ms' });
for (const [name, figures] of Object.entries(FAMILIES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of figures()) report(figure);
}

/** Milliseconds are given in units of work, rates as packets in the time of one: the second number is the one to compare. */
function report({ what, value, unit: measured, goal, note }: Figure): void {
  const amount = measured === 'ms' ? value.toFixed(1) : Math.round(value).toLocaleString('en');
  const ratio = measured === 'ms' ? (value / unit).toFixed(2) : measured === 'KB' ? '' : Math.round((value * unit) / 1000).toString();
  const aim = goal === undefined ? '' : `goal ${measured === 'packets/s' ? '≥' : '≤'} ${Math.round(goal).toLocaleString('en')}`;
  console.log(
    `${what.padEnd(44)}${amount.padStart(10)} ${measured.padEnd(10)}${ratio.padStart(8)}  ${[aim, note].filter(Boolean).join(', ')}`.trimEnd(),
  );
}
