import { expect, it } from 'vitest';
import { loadEverything } from '../../load.ts';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';

await loadEverything();

const SITE = {
  '/srv/index.html': `<html><head><link rel="stylesheet" href="main.css"></head><body background='bg.png'>
<a href="docs/">docs</a> <a href=/docs/page.html#part>page</a> <a href="http://other.example/x">other</a>
<!-- <a href="hidden.html"> --><a href="private/secret.html">secret</a> <a href="gone.html">gone</a> <a href="mailto:a@b.example">mail</a></body></html>
`,
  '/srv/main.css': '@import "more.css"; p { background: url(tile.png) }\n',
  '/srv/more.css': 'p {}\n',
  '/srv/bg.png': 'b\n',
  '/srv/tile.png': 't\n',
  '/srv/docs/index.html': '<a href="../index.html">up</a><a href="page.html">page</a>\n',
  '/srv/docs/page.html': '<img src="img/a.png">\n',
  '/srv/docs/img/a.png': 'a\n',
  '/srv/private/secret.html': 'secret\n',
  '/srv/robots.txt': 'User-agent: *\nDisallow: /private/\n',
};
const type = typist(commands, SITE);
type('busybox httpd -p 8099 -h /srv');

/** The files that a run leaves, and its status. */
function files(args: string): string[] {
  const { stdout } = type(`rm -rf /tmp/site; mkdir /tmp/site; cd /tmp/site; wget -q ${args}; echo $?; find . -type f | sort`);
  return stdout
    .replace(/\.\/127.0.0.1:8099\//g, '')
    .trim()
    .split('\n');
}

it('follows links breadth first, as far as it is told, and keeps out of what robots.txt forbids', () => {
  const all = [
    'bg.png',
    'docs/img/a.png',
    'docs/index.html',
    'docs/page.html',
    'index.html',
    'main.css',
    'more.css',
    'robots.txt',
    'tile.png',
  ];
  expect(files('-r http://127.0.0.1:8099/')).toEqual(['8', ...all]);
  expect(files('-r -l 1 http://127.0.0.1:8099/')).toEqual([
    '8',
    'bg.png',
    'docs/index.html',
    'docs/page.html',
    'index.html',
    'main.css',
    'robots.txt',
  ]);
  expect(files('-r -np http://127.0.0.1:8099/docs/')).toEqual(['0', 'docs/img/a.png', 'docs/index.html', 'docs/page.html', 'robots.txt']);
  expect(files('-e robots=off -r -l 1 -A html http://127.0.0.1:8099/')).toEqual([
    '8',
    'docs/index.html',
    'docs/page.html',
    'index.html',
    'private/secret.html',
  ]);
});

it('gets what a page needs, with frames and style sheets, and nothing else', () => {
  expect(files('-p http://127.0.0.1:8099/')).toEqual(['0', 'bg.png', 'index.html', 'main.css', 'more.css', 'robots.txt', 'tile.png']);
  expect(files('-p -nd http://127.0.0.1:8099/docs/page.html')).toEqual(['0', './a.png', './page.html', './robots.txt']);
});

it('makes links lead to the files, or back to the server', () => {
  files('-r -k -K -l 1 http://127.0.0.1:8099/');
  const { stdout } = type('cd /tmp/site/127*; cat index.html; ls *.orig');
  expect(stdout).toBe(`<html><head><link rel="stylesheet" href="main.css"></head><body background='bg.png'>
<a href="docs/index.html">docs</a> <a href="docs/page.html#part">page</a> <a href="http://other.example/x">other</a>
<!-- <a href="hidden.html"> --><a href="http://127.0.0.1:8099/private/secret.html">secret</a> <a href="http://127.0.0.1:8099/gone.html">gone</a> <a href="mailto:a@b.example">mail</a></body></html>
index.html.orig
main.css.orig
`);
});

it('names the broken links that a spider finds', () => {
  const { stderr } = type('cd /tmp; wget -nv -r --spider http://127.0.0.1:8099/');
  expect(stderr).toMatch(/\nFound 1 broken link\.\n\nhttp:\/\/127\.0\.0\.1:8099\/gone\.html\n\n/);
});
