import { expect, it } from 'vitest';
import { expandGlob, nameByGlob } from './glob.ts';

const urls = (pattern: string) => {
  const found = expandGlob(pattern);
  return 'error' in found ? found.error : found.map(({ url }) => url);
};

// Each as curl 8.22 did it.
it('a pattern stands for many URLs, the last part turning over fastest', () => {
  expect(urls('h/{a,b}[1-2]')).toEqual(['h/a1', 'h/a2', 'h/b1', 'h/b2']);
  expect(urls('h/[01-03]')).toEqual(['h/01', 'h/02', 'h/03']);
  expect(urls('h/[1-9:4]')).toEqual(['h/1', 'h/5', 'h/9']);
  expect(urls('h/[a-e:2]')).toEqual(['h/a', 'h/c', 'h/e']);
  expect(urls('h/{1,}')).toEqual(['h/1', 'h/']);
  expect(urls('h/\\{1\\}')).toEqual(['h/{1}']);
  expect(urls('http://[::1]:80/{x,y}')).toEqual(['http://[::1]:80/x', 'http://[::1]:80/y']);
});

it('names of files take up what a set or a range stands for', () => {
  expect(expandGlob('f{1,2}.tx{t}')).toEqual([
    { url: 'f1.txt', chosen: ['1', 't'] },
    { url: 'f2.txt', chosen: ['2', 't'] },
  ]);
  expect(nameByGlob('#1_#2_#3', ['1', 't'])).toBe('1_t_#3');
});

it('says where a pattern is wrong', () => {
  expect(urls('f[a.txt')).toBe('bad range in position 3:\nf[a.txt\n  ^');
  expect(urls('f[3-1].txt')).toBe('bad range in position 7:\nf[3-1].txt\n      ^');
  expect(urls('f{1,.txt')).toBe('unmatched brace in position 9:\nf{1,.txt\n        ^');
  expect(urls('f{}.txt')).toBe('empty string within braces in position 3:\nf{}.txt\n  ^');
  expect(urls('f{1,{2}}')).toBe('nested brace in position 5:\nf{1,{2}}\n    ^');
  expect(urls('f]1')).toBe('unmatched close brace/bracket in position 2:\nf]1\n ^');
  expect(urls('f{1],2}')).toBe('unexpected close bracket in position 4:\nf{1],2}\n   ^');
});
