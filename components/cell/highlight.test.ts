import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight } from './highlight.ts';

const text = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

test('names, options, strings and variables are told apart', () => {
  expect(highlight('docker run -d "$name" | grep x')).toBe(
    '<span class="t-name">docker</span> run <span class="t-option">-d</span> <span class="t-string">&quot;$name&quot;</span> ' +
      '<span class="t-operator">|</span> <span class="t-name">grep</span> x',
  );
});

test('a loop over several lines: keywords, and a name after each of them', () => {
  const html = highlight('for i in 1 2; do\n  ping $i # again\ndone');
  expect(html).toContain('<span class="t-keyword">for</span> i <span class="t-keyword">in</span> 1 2');
  expect(html).toContain('<span class="t-name">ping</span> <span class="t-variable">$i</span> <span class="t-comment"># again</span>');
  expect(html).toContain('<span class="t-keyword">done</span>');
});

test('the text is never changed, whatever is typed', () => {
  const shellish = fc.string({ unit: fc.constantFrom(...'abc -$"\'\\|&;()<>{}#`\n\t=é'.split('')), maxLength: 60 });
  fc.assert(
    fc.property(shellish, (command) => {
      expect(text(highlight(command))).toBe(command);
    }),
  );
});
