import { expect, it } from 'vitest';
import { relativePath } from './convert.ts';
import { htmlLinks } from './html-links.ts';
import { cssLinks, LinkCollector } from './links.ts';
import { parseRobots, robotsAllow } from './robots.ts';
import { mergeUrl, parseWgetUrl, urlText } from './url.ts';

const found = (html: string) => htmlLinks(html, 'http://h/d/p.html').links.map(({ url }) => urlText(url).replace('http://h', ''));

it('finds links where a page may have them', () => {
  expect(found('<a href="x">1</a><A HREF=y>2</A><area href=z><a name=n>')).toEqual(['/d/x', '/d/y', '/d/z']);
  expect(found('<img src=a.png srcset="b.png 1x, c.png 2x"><script src=/s.js></script><iframe src="f.html">')).toEqual([
    '/d/a.png',
    '/d/b.png',
    '/d/c.png',
    '/s.js',
    '/d/f.html',
  ]);
  expect(found('<base href="/other/"><a href="x">1</a>')).toEqual(['/other/', '/other/x']);
  expect(found('<meta http-equiv="refresh" content="5; url=next.html">')).toEqual(['/d/next.html']);
  expect(found('<p style="background: url(t.png)"><style>p { background: url("u.png") }</style>')).toEqual(['/d/t.png', '/d/u.png']);
  expect(found('<a href="q?a=1&amp;b=2"><a href=" sp ace ">')).toEqual(['/d/q?a=1&b=2', '/d/sp%20ace']);
  expect(found('<!-- <a href="no"> --><!DOCTYPE a href="no">')).toEqual([]);
  expect(htmlLinks('<meta name=robots content="noindex, nofollow">', 'http://h/').nofollow).toBe(true);
});

it('finds links in a style sheet', () => {
  const collector = new LinkCollector('http://h/css/m.css');
  cssLinks(collector, '/* url(no.png) */ @import "a.css"; @import url(b.css); p { background: url( \'c.png\' ); content: "d" }');
  expect(collector.links.map(({ url, expectCss }) => [url.path, expectCss])).toEqual([
    ['css/a.css', true],
    ['css/b.css', true],
    ['css/c.png', false],
  ]);
});

it('resolves links as RFC 3986 has it', () => {
  const at = (link: string) => mergeUrl('http://h/a/b?q#f', link);
  expect(['c', '/c', '//i/c', '?r', '#g', '', 'http://j/'].map(at)).toEqual([
    'http://h/a/c',
    'http://h/c',
    'http://i/c',
    'http://h/a/b?r',
    'http://h/a/b?q#g',
    'http://h/a/b?q#f',
    'http://j/',
  ]);
  const plain = (text: string) => {
    const url = parseWgetUrl(text);
    return 'error' in url ? url.error : urlText(url);
  };
  expect(plain('HTTP://Host/a/./b/../c%2etxt?x y#f')).toBe('http://host/a/c.txt?x%20y');
  expect(plain('http://u:p%40w@h:80/../x')).toBe('http://u:p%40w@h/x');
  expect(plain('http://[::1]:8080')).toBe('http://[::1]:8080/');
  expect(['http://', 'http://h:p/', 'foo://x', 'x', 'http://[::1/'].map(plain)).toEqual([
    'Invalid host name',
    'Bad port number',
    'Unsupported scheme',
    'Scheme missing',
    'Unterminated IPv6 numeric address',
  ]);
});

it('leads from one file to another', () => {
  expect(relativePath('A/foo', 'A/bar')).toBe('bar');
  expect(relativePath('A/X/foo', 'A/Y/bar')).toBe('../Y/bar');
  expect(relativePath('foo', 'a:b/c')).toBe('./a:b/c');
});

it('reads robots.txt: the first rule that fits, those for wget before those for all', () => {
  const all = parseRobots('User-agent: *\nAllow: /p/open\nDisallow: /p/ # private\n');
  expect([robotsAllow(all, 'p/open.html'), robotsAllow(all, 'p/x'), robotsAllow(all, 'q')]).toEqual([true, false, true]);
  const own = parseRobots('User-agent: *\nDisallow: /\n\nUser-agent: Wget\nDisallow:\n');
  expect(robotsAllow(own, 'x')).toBe(true);
});
