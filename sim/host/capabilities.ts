/** The capabilities that anything simulated asks for (capabilities(7)), without the `CAP_` prefix. */
export const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'KILL',
  'SETGID',
  'SETUID',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'SYS_MODULE',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'MKNOD',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** What root on a host has. */
export const ALL_CAPABILITIES: ReadonlySet<Capability> = new Set(CAPABILITIES);
