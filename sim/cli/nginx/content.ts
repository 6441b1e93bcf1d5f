import { ERRNO, strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { Directory, type Inode, RegularFile } from '../../host/inode.ts';
import { autoindex } from './autoindex.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { escapeUri } from './uri.ts';

/** What to do next: answer, answer with a status and its page, or look for another location. */
export type Outcome = Reply | { page: number } | { redirect: string; args?: string };

/** Content types without a `types` block. */
const DEFAULT_TYPES = new Map([
  ['html', 'text/html'],
  ['gif', 'image/gif'],
  ['jpg', 'image/jpeg'],
]);

export function contentType(request: Request): string {
  const types = request.scope.nearest((scope) => scope.types) ?? DEFAULT_TYPES;
  const last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  const dot = last.lastIndexOf('.');
  const found = dot < 0 ? undefined : types.get(last.slice(dot + 1).toLowerCase());
  return withCharset(request, found ?? request.scope.value('default_type') ?? 'text/plain');
}

const WITH_CHARSET = /^(text\/(html|xml|plain|vnd\.wap\.wml)|application\/(javascript|rss\+xml))$/;

function withCharset(request: Request, type: string): string {
  const charset = request.scope.value('charset');
  return charset && charset !== 'off' && WITH_CHARSET.test(type) ? `${type}; charset=${charset}` : type;
}

/** A file, a directory's index, or its listing (the modules index, autoindex and static). */
export function serveFiles(request: Request): Outcome {
  const { method } = request;
  if (request.uri.endsWith('/')) {
    const found = ['GET', 'HEAD', 'POST'].includes(method) ? findIndex(request) : undefined;
    if (found) return found;
    if (request.scope.on('autoindex', false) && (method === 'GET' || method === 'HEAD')) {
      const listing = autoindex(request);
      if (listing) return listing;
    }
    if (!['GET', 'HEAD', 'POST'].includes(method)) return { page: 405 };
    request.worker.log('error', `directory index of "${request.filename}" is forbidden`, request);
    return { page: 403 };
  }
  if (!['GET', 'HEAD', 'POST'].includes(method)) return { page: 405 };
  return serveFile(request, request.filename);
}

function inodeAt(request: Request, path: string): Inode | 'ENOENT' | 'ENOTDIR' | 'EACCES' | 'ENAMETOOLONG' | 'ELOOP' {
  const { process } = request.worker;
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string') return target as 'ENOENT';
  return target.inode ?? 'ENOENT';
}

function findIndex(request: Request): Outcome | undefined {
  const names = request.scope.nearest((scope) => scope.index)?.map((template) => request.expand(template)) ?? ['index.html'];
  const directory = request.filename;
  for (const name of names) {
    if (name.startsWith('/')) return { redirect: name, args: request.args };
    const inode = inodeAt(request, directory + name);
    if (typeof inode !== 'string' && !(inode instanceof Directory)) return { redirect: request.uri + name, args: request.args };
    if (typeof inode !== 'string') continue;
    const holder = inodeAt(request, directory);
    if (typeof holder !== 'string') continue;
    if (request.scope.on('log_not_found', true))
      request.worker.log('error', `"${directory}${name}" is not found (${ERRNO[holder]}: ${strerror(holder)})`, request);
    return { page: holder === 'EACCES' ? 403 : 404 };
  }
  return undefined;
}

function serveFile(request: Request, path: string): Outcome {
  const inode = inodeAt(request, path);
  if (typeof inode === 'string') {
    if (inode === 'EACCES' || request.scope.on('log_not_found', true))
      request.worker.log('error', `open() "${path}" failed (${ERRNO[inode]}: ${strerror(inode)})`, request);
    return { page: inode === 'EACCES' ? 403 : 404 };
  }
  if (inode instanceof Directory)
    return { status: 301, location: `${escapeUri(request.uri)}/${request.args === '' ? '' : `?${request.args}`}`, headers: [] };
  const bytes = inode instanceof RegularFile ? inode.bytes : undefined;
  if (!bytes) {
    request.worker.log('crit', `"${path}" is not a regular file`, request);
    return { page: 404 };
  }
  if (request.method === 'POST') return { page: 405 };
  const modified = EPOCH_SECONDS + Math.floor(inode.modified / SECOND);
  const reply: Reply = {
    status: 200,
    type: contentType(request),
    length: bytes.length,
    modified,
    headers: [],
    body: bytes.slice(),
    ranges: true,
  };
  if (request.scope.on('etag', true)) reply.headers.push(['ETag', `"${modified.toString(16)}-${bytes.length.toString(16)}"`]);
  return reply;
}

/** `try_files`: the first that exists, else its last argument. */
export function tryFiles(request: Request): Outcome | undefined {
  const templates = request.scope.nearest((scope) => (scope.context === 'http' ? undefined : scope.tryFiles));
  if (!templates) return undefined;
  const texts = templates.map((template) => request.expand(template));
  for (const text of texts.slice(0, -1)) {
    const directory = text.endsWith('/');
    const inode = inodeAt(request, request.documentRoot + text);
    if (typeof inode === 'string' || inode instanceof Directory !== directory) continue;
    request.uri = text;
    return undefined;
  }
  const last = texts.at(-1) as string;
  if (/^=\d+$/.test(last)) return { page: Number(last.slice(1)) };
  const question = last.indexOf('?');
  return question < 0 ? { redirect: last, args: request.args } : { redirect: last.slice(0, question), args: last.slice(question + 1) };
}
