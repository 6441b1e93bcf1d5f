import { globMatcher } from '../tool/glob.ts';
import type { Settings } from './settings.ts';

/** -A and -R by a file's name: suffixes, or patterns where there are wildcards (acceptable in utils.c). */
export function acceptable(settings: Settings, file: string): boolean {
  if (file === settings.outputDocument) return true;
  const name = file.slice(file.lastIndexOf('/') + 1);
  const { accept, reject, ignoreCase } = settings;
  return (accept.length === 0 || listed(accept, name, ignoreCase)) && !listed(reject, name, ignoreCase);
}

function listed(list: readonly string[], name: string, ignoreCase: boolean): boolean {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  return list.some((entry) => (/[*?[\]]/.test(entry) ? globMatcher(entry, ignoreCase)(name) : fold(name).endsWith(fold(entry))));
}

/** -I and -X by a directory without slashes at its ends (accdir in utils.c). */
export function directoryAllowed(settings: Settings, directory: string): boolean {
  const { includeDirectories, excludeDirectories, ignoreCase } = settings;
  const within = (list: readonly string[]): boolean =>
    list.some((entry) => {
      const plain = entry.replace(/^\//, '').replace(/(?<=.)\/+$/, '');
      return /[*?[\]]/.test(plain) ? pathMatches(plain, directory, ignoreCase) : isBelow(plain, directory, ignoreCase);
    });
  return (includeDirectories.length === 0 || within(includeDirectories)) && !within(excludeDirectories);
}

/** A star doesn't match a slash (FNM_PATHNAME). */
function pathMatches(pattern: string, path: string, ignoreCase: boolean): boolean {
  const [patterns, parts] = [pattern.split('/'), path.split('/')];
  return patterns.length === parts.length && patterns.every((part, i) => globMatcher(part, ignoreCase)(parts[i] as string));
}

/** Whether a directory is another or lies in it (subdir_p). */
export function isBelow(top: string, directory: string, ignoreCase: boolean): boolean {
  const [a, b] = ignoreCase ? [top.toLowerCase(), directory.toLowerCase()] : [top, directory];
  return a === '' || b === a || b.startsWith(`${a}/`);
}

/** -D and --exclude-domains: the end of a host's name counts (accept_domain in host.c). */
export function domainAllowed(settings: Settings, host: string): boolean {
  const { domains, excludeDomains } = settings;
  const within = (list: readonly string[]): boolean => list.some((entry) => host.endsWith(entry.toLowerCase().replace(/^\./, '')));
  return (domains.length === 0 || within(domains)) && !within(excludeDomains);
}

/** `.html`, `.htm` and `.shtml`, in any case (has_html_suffix_p). */
export function hasHtmlSuffix(file: string): boolean {
  return /\.(.?html|htm)$/i.test(file);
}
