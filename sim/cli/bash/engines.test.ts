import { describe, expect, it } from 'vitest';
import { formatEcho } from './echo.ts';
import { expandHistory } from './readline/history.ts';
import { Pattern, patternChars } from '../shell-pattern.ts';
import { formatPrintf } from './printf.ts';
import { moment, strftime } from '../../base/calendar.ts';
import { shellMachine } from './test-programs.ts';
import { evaluateTest } from './test-expression.ts';

describe('formatPrintf, which the builtin and /usr/bin/printf share', () => {
  it('reuses the format until the arguments are used up', () => {
    expect(formatPrintf('%s-%d\\n', ['a', '1', 'b'])).toEqual({ output: 'a-1\nb-0\n', errors: [], status: 0 });
  });

  it("speaks bash's words or those of coreutils", () => {
    expect(formatPrintf('%d', ['x']).errors).toEqual(['x: invalid number']);
    expect(formatPrintf('%d', ['x'], { wording: 'coreutils' }).errors).toEqual(["'x': expected a numeric value"]);
    expect(formatPrintf('%d', ['1x'], { wording: 'coreutils' }).errors).toEqual(["'1x': value not completely converted"]);
    expect(formatPrintf('%z', [], { wording: 'coreutils' }).errors).toEqual(['%z: invalid conversion specification']);
    expect(formatPrintf('x', ['y'], { wording: 'coreutils' })).toEqual({
      output: 'x',
      errors: ["warning: ignoring excess arguments, starting with 'y'"],
      status: 0,
    });
  });

  it('rounds ties to even and prints numbers of any size', () => {
    expect(formatPrintf('%.0f %.0f %.0f %.1f %.2f\\n', ['0.5', '1.5', '2.5', '0.25', '2.675']).output).toBe('0 2 2 0.2 2.67\n');
    expect(formatPrintf('%f %.3e %g %G\\n', ['1e21', '0', '123456789', '0.00001']).output).toBe(
      '1000000000000000000000.000000 0.000e+00 1.23457e+08 1E-05\n',
    );
  });

  it('refuses widths that would fill the memory', () => {
    expect(formatPrintf('%999999999s', ['x'])).toEqual({ output: '', errors: ['%999999999s: width or precision too large'], status: 1 });
  });

  it('gives bytes for octal and hexadecimal escapes', () => {
    expect(formatPrintf('\\xc3\\xa9', []).output).toBe('\udcc3\udca9');
  });
});

describe('evaluateTest, which the builtin and /usr/bin/test share', () => {
  const { init } = shellMachine();
  it('counts its arguments before it reads them', () => {
    const value = (...args: string[]): unknown => evaluateTest(args, { process: init });
    expect(value()).toEqual({ value: false });
    expect(value('-f')).toEqual({ value: true });
    expect(value('!', '=', '!')).toEqual({ value: true });
    expect(value('(', 'a', ')')).toEqual({ value: true });
    expect(value('a', 'b')).toEqual({ error: 'a: unary operator expected' });
    expect(value('1', '-eq', 'x')).toEqual({ error: 'x: integer expected' });
  });

  it('speaks the words of coreutils when asked', () => {
    const error = (...args: string[]): unknown => evaluateTest(args, { process: init }, 'coreutils');
    expect(error('a', 'b')).toEqual({ error: "missing argument after 'b'" });
    expect(error('1', '-eq', 'x')).toEqual({ error: "invalid integer 'x'" });
    expect(error('a', '=', 'b', 'c')).toEqual({ error: "extra argument 'c'" });
  });
});

describe('patterns', () => {
  const matches = (pattern: string, text: string): boolean => new Pattern(patternChars(pattern)).matches(text);
  it('know classes, ranges, negation and escapes', () => {
    expect(matches('[[:digit:]a-c]x', '7x')).toBe(true);
    expect(matches('[!a-c]', 'b')).toBe(false);
    expect(matches('[]]', ']')).toBe(true);
    expect(matches('[', '[')).toBe(true);
    expect(matches('\\*', '*')).toBe(true);
    expect(matches('\\*', 'a')).toBe(false);
    expect(matches('?', '😀')).toBe(true);
  });
  it('know the extended ones', () => {
    expect(matches('+([0-9]).@(txt|md)', '42.md')).toBe(true);
    expect(matches('!(*.txt)', 'a.md')).toBe(true);
    expect(matches('!(*.txt)', 'a.txt')).toBe(false);
    expect(matches('*(ab|c)?(d)', 'abcabd')).toBe(true);
  });
});

describe('small engines', () => {
  it('echo', () => {
    expect(formatEcho(['-ne', 'a\\tb'])).toBe('a\tb');
    expect(formatEcho(['-nx', 'a'])).toBe('-nx a\n');
    expect(formatEcho(['a\\tb'], true)).toBe('a\tb\n');
  });
  it('strftime in UTC', () => {
    expect(strftime('%F %T %a %j %U %s', moment(1_767_225_600))).toBe('2026-01-01 00:00:00 Thu 001 00 1767225600');
    expect(strftime('%d/%m/%y %-d %e', moment(951_782_400))).toBe('29/02/00 29 29');
  });
  it('history expansion', () => {
    expect(expandHistory('sudo !!', ['ls /x'])).toEqual({ text: 'sudo ls /x', changed: true });
    expect(expandHistory('^x^y', ['ls /x'])).toEqual({ text: 'ls /y', changed: true });
    expect(expandHistory('cat !$', ['ls /x'])).toEqual({ text: 'cat /x', changed: true });
    expect(expandHistory('[ ! -f x ] && a != b', [])).toEqual({ text: '[ ! -f x ] && a != b', changed: false });
  });
});
