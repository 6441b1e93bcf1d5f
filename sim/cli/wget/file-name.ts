import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { exists, isDirectory, makeDirectory, stat, unlink } from '../tool/filesystem.ts';
import type { Log } from './log.ts';
import { mayClobber, type Settings } from './settings.ts';
import { isDefaultPort, splitPath, unescapeUrl, type WgetUrl } from './url.ts';

/** A part of a URL's path as a name in a directory: escapes undone, what a file's name can't hold escaped (append_uri_pathel). */
function pathPart(part: string, settings: Settings): string {
  const plain = unescapeUrl(part);
  if (plain === '..') return '%2E%2E';
  const refused = settings.restrictWindows ? /[\x00-\x1f\x7f/"*:<>?\\|]/g : /[\x00-\x1f\x7f/]/g;
  return plain.replace(refused, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/**
 * The file that a document is saved to (url_file_name in url.c).
 *
 * @param named the name that the server's Content-Disposition gives it
 */
export function fileNameOf(process: Process, settings: Settings, url: WgetUrl, named?: string): string {
  const parts: string[] = [];
  const { directory, file } = splitPath(url.path);
  if (settings.directories) {
    if (settings.protocolDirectories) parts.push('http');
    const port = isDefaultPort(url) ? '' : `${settings.restrictWindows ? '+' : ':'}${url.port}`;
    if (settings.hostDirectories) parts.push(`${url.host === '..' ? '%2E%2E' : url.host}${port}`);
    const inner = directory === '' ? [] : directory.split('/');
    parts.push(
      ...inner
        .slice(settings.cutDirectories)
        .filter((part) => part !== '')
        .map((part) => pathPart(part, settings)),
    );
  }
  const query = url.query === undefined ? '' : `${settings.restrictWindows ? '@' : '?'}${url.query}`;
  parts.push(pathPart(named ?? (file || settings.defaultPage) + query, settings));
  const path = parts.join('/');
  const prefix = settings.prefix?.replace(/(?<=.)\/+$/, '');
  const whole = prefix === undefined ? path : prefix === '/' ? `/${path}` : `${prefix}/${path}`;
  return mayClobber(settings) ? whole : uniqueName(process, whole);
}

/** Whether a regular file is there; what isn't one doesn't count (file_exists_p). */
export function fileExists(process: Process, path: string): boolean {
  const inode = stat(process, path);
  return typeof inode !== 'string' && inode.kind === 'file';
}

/** The name itself, or with the first number behind it that makes it new. */
export function uniqueName(process: Process, name: string): string {
  if (!fileExists(process, name)) return name;
  let count = 1;
  while (fileExists(process, `${name}.${count}`)) count++;
  return `${name}.${count}`;
}

/** Makes the directories above a file; what stands in the way as a file goes (mkalldirs). */
export function* makeParents(process: Process, log: Log, path: string): Blocking<void> {
  const slash = path.lastIndexOf('/');
  if (slash <= 0) return;
  const directory = path.slice(0, slash);
  if (isDirectory(process, directory)) return;
  if (exists(process, directory)) unlink(process, directory);
  const parts = directory.split('/');
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join('/');
    if (part === '' || isDirectory(process, part)) continue;
    const failed = makeDirectory(process, part);
    if (!failed) continue;
    yield* log.about(directory, failed);
    return;
  }
}
