import { ALL_CAPABILITIES, CAPABILITIES, type Capability } from '../../../host/capabilities.ts';
import { invalid, type Refusal } from '../refusal.ts';
import type { HostConfig } from './settings.ts';

/** What root in a container may do unless told otherwise (daemon/pkg/oci/caps/defaults.go), as far as anything asks for it. */
const DEFAULT: readonly Capability[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SYS_CHROOT',
];

/** Capabilities of capabilities(7) that nothing simulated asks for. */
const WITHOUT_EFFECT = new Set(
  `AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER LEASE
LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE PERFMON SETFCAP SETPCAP SYS_PACCT SYS_RAWIO SYSLOG SYS_TTY_CONFIG WAKE_ALARM`.split(/\s+/),
);

/** What a container's processes may do, by `--privileged`, `--cap-add` and `--cap-drop`. */
export function containerCapabilities(hostConfig: HostConfig): ReadonlySet<Capability> {
  if (hostConfig.Privileged) return ALL_CAPABILITIES;
  const named = (names: readonly string[] | null): Set<string> => new Set((names ?? []).map((name) => name.replace(/^CAP_/, '')));
  const [added, dropped] = [named(hostConfig.CapAdd), named(hostConfig.CapDrop)];
  return new Set(
    CAPABILITIES.filter((name) => {
      if (added.has(name)) return true;
      if (dropped.has(name) || dropped.has('ALL')) return added.has('ALL') && !dropped.has(name);
      return added.has('ALL') || DEFAULT.includes(name);
    }),
  );
}

/** Refuses names that are no capabilities. */
export function checkCapabilities(hostConfig: HostConfig): Refusal | undefined {
  for (const field of ['CapAdd', 'CapDrop'] as const) {
    for (const name of hostConfig[field] ?? []) {
      const bare = name.replace(/^CAP_/, '');
      if (bare === 'ALL' || (CAPABILITIES as readonly string[]).includes(bare) || WITHOUT_EFFECT.has(bare)) continue;
      return invalid(`invalid ${field}: unknown capability: "${name}"`);
    }
  }
  return undefined;
}
