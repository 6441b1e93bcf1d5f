import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** A static host with no settings: files as they are, a folder's `index.html`, `404.html` with status 404 for the rest. */
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.xml': 'application/xml',
};

/** Serves `folder` under `base`. Returns the server; it is listening when `listening` was emitted. */
export function serve(folder: string, base: string, port: number): ReturnType<typeof createServer> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const found = path.startsWith(base) ? fileAt(folder, normalize(path.slice(base.length))) : undefined;
    const file = found ?? join(folder, '404.html');
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  return server.listen(port, '127.0.0.1');
}

function fileAt(folder: string, path: string): string | undefined {
  if (path.startsWith('..')) return undefined;
  const file = join(folder, path);
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : undefined;
}

if (import.meta.main) {
  const [folder = 'dist', base = '/', port = '4711'] = process.argv.slice(2);
  if (!existsSync(join(folder, '404.html'))) {
    console.error(`${folder} holds no built site; build it first (e2e/README.md)`);
    process.exit(2);
  }
  serve(folder, base, Number(port));
}
