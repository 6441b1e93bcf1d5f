/** The user that stands for everyone who has no number in a namespace (kernel.overflowuid). */
export const NOBODY = 65_534;

/** What `/proc/PID/uid_map` says: one number inside is one number of the namespace above. */
export interface IdMap {
  inside: number;
  outside: number;
}

/**
 * A user namespace (user_namespaces(7)). All of a machine's processes belong to its root, so that each namespace maps one user and one
 * group at most; a process is that user there, or nobody. Whoever isn't root inside has no capabilities.
 */
export class UserNamespace {
  /** `undefined` is the machine's own. */
  readonly parent: UserNamespace | undefined;
  readonly user: IdMap | undefined;
  readonly group: IdMap | undefined;
  readonly setgroups: 'allow' | 'deny';

  constructor(options: { parent: UserNamespace | undefined; user?: IdMap; group?: IdMap; setgroups?: 'allow' | 'deny' }) {
    this.parent = options.parent;
    this.user = options.user;
    this.group = options.group;
    this.setgroups = options.setgroups ?? 'allow';
  }

  get uid(): number {
    return this.user?.inside ?? NOBODY;
  }

  get gid(): number {
    return this.group?.inside ?? NOBODY;
  }

  /** Whether it is this one, or one that was made inside. */
  contains(other: UserNamespace | undefined): boolean {
    for (let each = other; each; each = each.parent) if (each === this) return true;
    return false;
  }
}

/** A map as /proc shows it (m_show in kernel/user_namespace.c). */
export function mapText(map: IdMap | undefined): string {
  if (!map) return '';
  return mapLine(map.inside, map.outside, 1);
}

/** The machine's own namespace has all numbers but the last, which is none. */
export const WHOLE_MAP = mapLine(0, 0, 0xffff_ffff);

function mapLine(...numbers: [inside: number, outside: number, count: number]): string {
  return `${numbers.map((number) => String(number).padStart(10)).join(' ')}\n`;
}
