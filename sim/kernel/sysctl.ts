import type { Errno } from '../base/errno.ts';
import { SECOND } from '../base/time.ts';

/** Ticks a second (CONFIG_HZ); times are kept in whole ticks. */
export const HZ = 250;
export const JIFFY = SECOND / HZ;

/** One kernel parameter: how it reads, how it is set. */
export interface Sysctl {
  get(): string;
  /** Absent: read-only. Returns the error of the write. */
  set?(text: string): Errno | undefined;
  /** The file's permission bits, where they aren't those of any such file (0644, or 0444 without `set`). */
  mode?: number;
  /** The error of reading it, where it has nothing to show yet. */
  unreadable?(): Errno | undefined;
}

/** A directory whose entries come and go, such as `net/ipv4/conf`: one table per entry name. */
export interface SysctlFamily {
  entries(): string[];
  table(entry: string): ReadonlyMap<string, Sysctl> | undefined;
}

/**
 * The parameters of one network namespace, by their path below /proc/sys (`net/ipv4/ip_forward`). Subsystems register fixed
 * parameters and families; nothing else knows what exists.
 */
export class Sysctls {
  readonly #fixed = new Map<string, Sysctl>();
  /** What the fixed ones' directories hold. */
  readonly #directories = new Map<string, Set<string>>();
  readonly #families = new Map<string, SysctlFamily>();
  #deferred: (() => void)[] = [];
  /** Called after each write. */
  onChange: () => void = () => {};

  /** Registers what few namespaces are ever asked for: `run` is called before the first look at any parameter. */
  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  #catchUp(): void {
    const { length } = this.#deferred;
    if (length > 0) for (const run of this.#deferred.splice(0)) run();
  }

  register(name: string, sysctl: Sysctl): void {
    this.#fixed.set(name, sysctl);
    for (let path = name, slash = name.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/')) {
      const parent = path.slice(0, slash);
      const known = this.#directories.get(parent);
      if (known) known.add(path.slice(slash + 1));
      else this.#directories.set(parent, new Set([path.slice(slash + 1)]));
      path = parent;
    }
  }

  /** @param prefix the directory, without a slash at the end */
  registerFamily(prefix: string, family: SysctlFamily): void {
    this.#families.set(prefix, family);
  }

  /** The value as the file reads, without its newline; `undefined` if there is no such parameter. */
  get(name: string): string | undefined {
    return this.#find(name)?.get();
  }

  set(name: string, text: string): Errno | undefined {
    const sysctl = this.#find(name);
    if (!sysctl) return 'ENOENT';
    const failed = sysctl.set ? sysctl.set(text.trim()) : 'EACCES';
    this.onChange();
    return failed;
  }

  writable(name: string): boolean {
    return this.#find(name)?.set !== undefined;
  }

  /** A parameter, by its path. */
  at(name: string): Sysctl | undefined {
    return this.#find(name);
  }

  /** What is in a directory, sorted; nothing for what isn't a directory. */
  below(path: string): string[] {
    this.#catchUp();
    const names = new Set(this.#directories.get(path));
    for (const [prefix, family] of this.#families) {
      if (prefix.startsWith(`${path}/`)) names.add(prefix.slice(path.length + 1).split('/', 1)[0] as string);
      else if (prefix === path || path.startsWith(`${prefix}/`)) {
        const inside = path.slice(prefix.length + 1);
        for (const name of namesBelow(family, inside)) names.add(name);
      }
    }
    return [...names].sort();
  }

  #find(name: string): Sysctl | undefined {
    this.#catchUp();
    const fixed = this.#fixed.get(name);
    if (fixed) return fixed;
    for (const [prefix, family] of this.#families) {
      if (!name.startsWith(`${prefix}/`)) continue;
      const rest = name.slice(prefix.length + 1);
      const slash = rest.lastIndexOf('/');
      const found = slash > 0 ? family.table(rest.slice(0, slash))?.get(rest.slice(slash + 1)) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}

/** What a family has in one of its directories; `''` is its own. */
function* namesBelow(family: SysctlFamily, directory: string): Generator<string> {
  for (const entry of family.entries()) {
    if (entry === directory) yield* family.table(entry)?.keys() ?? [];
    else if (directory === '') yield entry.split('/', 1)[0] as string;
    else if (entry.startsWith(`${directory}/`)) yield entry.slice(directory.length + 1).split('/', 1)[0] as string;
  }
}

/**
 * A number as the kernel reads it from such a file (proc_get_long): decimal, 0x… or 0…, and after a space whatever follows is left
 * alone.
 */
export function leadingNumber(text: string): number | undefined {
  const word = /^(-?)(0x[0-9a-f]+|\d+)(?=\s|$)/i.exec(text);
  const digits = word?.[2];
  if (!word || digits === undefined) return undefined;
  const octal = /^0\d/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  const magnitude = octal ? Number.parseInt(digits, 8) : Number(digits);
  return word[1] && magnitude !== 0 ? -magnitude : magnitude;
}

/** An integer in `object[key]`, within limits (proc_dointvec_minmax). */
export function integer<K extends string>(
  object: Record<K, number>,
  key: K,
  options: { min?: number; max?: number; changed?: (before: number) => void } = {},
): Sysctl {
  return {
    get: () => String(object[key]),
    set(text) {
      const value = leadingNumber(text);
      if (value === undefined || value < (options.min ?? -2_147_483_648) || value > (options.max ?? 2_147_483_647)) return 'EINVAL';
      const before = object[key];
      object[key] = value;
      options.changed?.(before);
      return undefined;
    },
  };
}

/** A duration kept in microseconds, read and written in seconds (proc_dointvec_jiffies) or milliseconds (…_ms_jiffies). */
export function duration<K extends string>(object: Record<K, number>, key: K, unit: number, changed?: () => void): Sysctl {
  return {
    get: () => String(Math.floor(object[key] / unit)),
    set(text) {
      const value = leadingNumber(text);
      if (value === undefined || value < 0 || value > 0x7fff_ffff / (unit < SECOND ? 1 : HZ)) return 'EINVAL';
      object[key] = Math.ceil((value * unit) / JIFFY) * JIFFY;
      changed?.();
      return undefined;
    },
  };
}

/** Several integers on one line, tab-separated (`ip_local_port_range`); those that aren't given stay. */
export function integers(
  values: number[],
  options: { min?: number; max?: number; check?: (values: readonly number[]) => Errno | undefined } = {},
): Sysctl {
  return {
    get: () => values.join('\t'),
    set(text) {
      const parts = text.split(/\s+/, values.length).map(leadingNumber);
      const allowed = (n: number | undefined) => n !== undefined && n >= (options.min ?? 0) && n <= (options.max ?? 0x7fff_ffff);
      if (!parts.every(allowed)) return 'EINVAL';
      const wanted = values.map((value, i) => parts[i] ?? value);
      const refused = options.check?.(wanted);
      if (refused) return refused;
      values.splice(0, values.length, ...wanted);
      return undefined;
    },
  };
}
