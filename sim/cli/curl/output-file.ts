import type { Errno } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { isDirectory, makeDirectory } from '../tool/filesystem.ts';

/** -o's name or -O. */
export interface OutputOption {
  name: string;
  value: string;
}

/** The file that a URL's document goes to; `undefined` is standard output. */
export function outputPath(parsed: Parsed, output: OutputOption | undefined, url: string): string | undefined {
  if (!output || (output.name === 'output' && output.value === '-')) return undefined;
  const below = optionValue(parsed, 'output-dir');
  const name = output.name === 'output' ? output.value : remoteName(url);
  return below === undefined || name.startsWith('/') ? name : `${below}/${name}`;
}

/** The URL's last part. */
function remoteName(url: string): string {
  const path = url.replace(/[?#].*$/, '').replace(/^[a-z]+:\/\/[^/]*/i, '');
  return path.split('/').pop() || 'curl_response';
}

/** Opens it anew, with the folders above it where --create-dirs says so. */
export function openOutput(process: Process, parsed: Parsed, path: string): number | Errno {
  if (hasOption(parsed, 'create-dirs')) {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/');
      if (folder !== '' && !isDirectory(process, folder)) makeDirectory(process, folder);
    }
  }
  return process.open(path, { write: true, create: true, truncate: true });
}
