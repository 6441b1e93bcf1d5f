import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePosix, escapeLiteral, isPosixError } from './posix-regex.ts';

function match(pattern: string, text: string, extended = false): string | undefined {
  const regex = compilePosix(pattern, { extended });
  return isPosixError(regex) ? `error: ${regex.error}` : regex.exec(text)?.[0];
}

test('basic syntax: operators need a backslash, stars at the beginning are characters', () => {
  expect(match('a+', 'aa+')).toBe('a+');
  expect(match('a\\+', 'aa+')).toBe('aa');
  expect(match('*a', 'x*a')).toBe('*a');
  expect(match('^*a', '*a')).toBe('*a');
  expect(match('\\(*a\\)', '*a')).toBe('*a');
  expect(match('x$y^z', 'x$y^z')).toBe('x$y^z');
  expect(match('a\\{2\\}', 'aaa')).toBe('aa');
  expect(match('\\(a\\)b\\1', 'abab')).toBe('aba');
});

test('extended syntax: an operator after an operator repeats the whole, it never makes it lazy', () => {
  expect(match('a+?', 'aaa', true)).toBe('aaa');
  expect(match('(ab){2}', 'ababab', true)).toBe('abab');
  expect(match('a{,2}', 'aaa', true)).toBe('aa');
  expect(match('()', 'x', true)).toBe('');
});

test('plain alternatives: the longest wins, as POSIX wants', () => {
  expect(match('foo|foobar', 'foobar', true)).toBe('foobar');
  expect(match('x(a|ab)(c|bcd)', 'xabcd', true)).toBe('xabc');
});

test('brackets: classes, ranges, and a backslash that is only a backslash', () => {
  expect(match('[[:alpha:]_]*', 'ab_é1')).toBe('ab_é');
  expect(match('[]a-]*', '-]ab')).toBe('-]a');
  expect(match('[\\n]*', '\\n')).toBe('\\n');
  expect(match('[^/]*', 'usr/bin')).toBe('usr');
  expect(compilePosix('[\\n]', { extended: true, bracketEscapes: true })).toEqual(/[\u{a}]/su);
});

test('GNU word operators', () => {
  expect(match('\\<t\\w*\\>', 'is the one')).toBe('the');
  expect(match('\\bone\\b', 'stone one')).toBe('one');
  expect(match('\\s\\S', 'a b')).toBe(' b');
});

test('characters beyond the basic plane and bytes that are no text count as one', () => {
  expect(match('^.$', '😀')).toBe('😀');
  expect(match('^.b', '\udcffb')).toBe('\udcffb');
  expect(match('[😀]x', '😀x')).toBe('😀x');
});

test.each([
  ['\\(a', 'Unmatched ( or \\('],
  ['a\\)', 'Unmatched ) or \\)'],
  ['a\\{1', 'Unmatched \\{'],
  ['a\\{1,x\\}', 'Invalid content of \\{\\}'],
  ['a\\{2,1\\}', 'Invalid content of \\{\\}'],
  ['a\\{99999\\}', 'Regular expression too big'],
  ['[b-a]', 'Invalid range end'],
  ['[a', 'Unmatched [, [^, [:, [., or [='],
  ['[[:foo:]]', 'Invalid character class name'],
  ['[[.space.]]', 'Invalid collation character'],
  ['a\\', 'Trailing backslash'],
  ['\\1', 'Invalid back reference'],
])("%s is refused in glibc's words", (pattern, error) => {
  expect(compilePosix(pattern, { extended: false })).toEqual({ error });
});

test('extended syntax refuses operators with nothing to repeat; grep skips them and warns', () => {
  expect(compilePosix('*a', { extended: true })).toEqual({ error: 'Invalid preceding regular expression' });
  expect(compilePosix('a{', { extended: true })).toEqual({ error: 'Unmatched \\{' });
  const warnings: string[] = [];
  const lenient = { extended: true, lenient: true, warn: (text: string) => warnings.push(text) };
  expect(compilePosix('*a', lenient)).toEqual(/a/su);
  expect(compilePosix('a{', lenient)).toEqual(/a\{/su);
  expect(compilePosix('a)', lenient)).toEqual(/a\)/su);
  expect(warnings).toEqual(['* at start of expression']);
});

test('any text is a pattern or is refused, and a literal matches itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, extended) => {
      const regex = compilePosix(text, { extended });
      expect(regex instanceof RegExp || typeof regex.error === 'string').toBe(true);
      expect(new RegExp(`^${escapeLiteral(text)}$`, 'us').test(text)).toBe(true);
    }),
  );
});

test('patterns made of operators compile or are refused, never with an error of JavaScript', () => {
  const pieces = fc.array(
    fc.constantFrom('a', '(', ')', '[', ']', '{', '}', '*', '+', '?', '|', '^', '$', '\\', '1', ',', '-', '.', ':', '\\<'),
  );
  fc.assert(
    fc.property(pieces, fc.boolean(), fc.boolean(), (parts, extended, lenient) => {
      const regex = compilePosix(parts.join(''), { extended, lenient });
      if (isPosixError(regex)) expect(regex.error).not.toBe('Regular expression too big');
    }),
    { numRuns: 1000 },
  );
});
