import { moment } from '../../base/calendar.ts';
import { strftime } from '../../base/calendar.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { encode } from '../../base/bytes.ts';
import { Directory } from '../../host/inode.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { escapeUri } from './uri.ts';

/** How wide names are shown. */
const NAME_WIDTH = 50;

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[<>&"]/g, (c) => HTML[c] as string);

/** A directory's listing (ngx_http_autoindex_module.c): directories first, then files, by name. */
export function autoindex(request: Request): Reply | undefined {
  const { process } = request.worker;
  const target = process.namespaces.mnt.resolve(process, request.filename);
  if (typeof target === 'string' || !(target.inode instanceof Directory)) return undefined;
  const directory = target.inode;
  const entries = directory
    .names(process)
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const found = process.namespaces.mnt.resolve(process, `${request.filename}${name}`);
      const inode = typeof found === 'string' ? undefined : found.inode;
      return { name, directory: inode instanceof Directory, size: inode?.size ?? 0, modified: inode?.modified ?? 0 };
    })
    .sort((a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1));
  const exact = request.scope.on('autoindex_exact_size', true);
  const title = `Index of ${escapeHtml(request.uri)}`;
  const lines = entries.map((entry) => `${line(entry, exact)}\r\n`).join('');
  const text = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n${lines}</pre><hr></body>\r\n</html>\r\n`;
  return {
    status: 200,
    type: 'text/html',
    headers: [],
    body: function* (push) {
      yield* push(encode(text));
    },
  };
}

function line(entry: { name: string; directory: boolean; size: number; modified: number }, exact: boolean): string {
  const slash = entry.directory ? '/' : '';
  const full = entry.name + slash;
  const shown = full.length > NAME_WIDTH ? `${full.slice(0, NAME_WIDTH - 3)}..&gt;` : escapeHtml(full);
  const padding = ' '.repeat(Math.max(0, NAME_WIDTH - full.length));
  const date = strftime('%d-%b-%Y %H:%M', moment(EPOCH_SECONDS + Math.floor(entry.modified / SECOND)));
  const size = entry.directory ? '-' : exact ? String(entry.size) : humanSize(entry.size);
  return `<a href="${escapeUri(entry.name)}${slash}">${shown}</a>${padding} ${date} ${size.padStart(exact ? 19 : 7)}`;
}

function humanSize(bytes: number): string {
  if (bytes > 1024 * 1024 * 1024 - 1) return `${Math.round(bytes / 1024 ** 3)}G`;
  if (bytes > 1024 * 1024 - 1) return `${Math.round(bytes / 1024 ** 2)}M`;
  return bytes > 9_999 ? `${Math.round(bytes / 1024)}K` : String(bytes);
}
