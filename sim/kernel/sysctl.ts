import type { Errno } from '../base/errno.ts';

/** One kernel parameter: how it reads, how it is set. */
export interface Sysctl {
  get(): string;
  /** Absent: read-only. Returns the error of the write. */
  set?(text: string): Errno | undefined;
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

  /** Every parameter's path. */
  names(): string[] {
    this.#catchUp();
    const names = [...this.#fixed.keys()];
    for (const [prefix, family] of this.#families) {
      for (const entry of family.entries()) for (const name of family.table(entry)?.keys() ?? []) names.push(`${prefix}/${entry}/${name}`);
    }
    return names.sort();
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

/** An integer in `object[key]`, within limits (proc_dointvec_minmax). */
export function integer<K extends string>(
  object: Record<K, number>,
  key: K,
  options: { min?: number; max?: number; changed?: (before: number) => void } = {},
): Sysctl {
  return {
    get: () => String(object[key]),
    set(text) {
      if (!/^[+-]?\d+$/.test(text)) return 'EINVAL';
      const value = Number(text);
      if (value < (options.min ?? -2_147_483_648) || value > (options.max ?? 2_147_483_647)) return 'EINVAL';
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
      if (!/^\d+$/.test(text)) return 'EINVAL';
      object[key] = Number(text) * unit;
      changed?.();
      return undefined;
    },
  };
}

/** Several integers on one line, tab-separated (`ip_local_port_range`). */
export function integers(values: number[], options: { min?: number; max?: number } = {}): Sysctl {
  return {
    get: () => values.join('\t'),
    set(text) {
      const parts = text.split(/\s+/).map(Number);
      if (
        parts.length > values.length ||
        parts.some((n) => !Number.isInteger(n) || n < (options.min ?? 0) || n > (options.max ?? 2 ** 31 - 1))
      )
        return 'EINVAL';
      parts.forEach((part, i) => {
        values[i] = part;
      });
      return undefined;
    },
  };
}
