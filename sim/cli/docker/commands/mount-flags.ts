import type { MountRequest } from '../../../engines/docker/container/settings.ts';
import type { FlagValues } from '../flags.ts';

/** Fields of `--mount` that change nothing here. */
const IGNORED = new Set([
  'consistency',
  'bind-propagation',
  'bind-recursive',
  'bind-nonrecursive',
  'volume-nocopy',
  'tmpfs-size',
  'tmpfs-mode',
]);
const REFUSED = new Set(['volume-driver', 'volume-opt', 'volume-label', 'volume-subpath', 'image-subpath']);

/** `type=bind,source=/x,target=/y,readonly` (docker/cli, opts/mount.go); an error is what follows the flag's name. */
function parseMount(text: string): MountRequest | { error: string } {
  const mount: MountRequest = { Type: 'volume' };
  for (const field of text.split(',')) {
    const equals = field.indexOf('=');
    const [key, value] = equals < 0 ? [field.toLowerCase(), undefined] : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
    if (key === 'readonly' || key === 'ro') mount.ReadOnly = value === undefined || value === 'true' || value === '1';
    else if (value === undefined) return { error: `invalid field '${field}' must be a key=value pair` };
    else if (key === 'type') mount.Type = value.toLowerCase();
    else if (key === 'source' || key === 'src') mount.Source = value;
    else if (['target', 'dst', 'destination'].includes(key)) mount.Target = value;
    else if (REFUSED.has(key)) return { error: `${key} is not modelled (see sim/FIDELITY.md)` };
    else if (!IGNORED.has(key)) return { error: `unexpected key '${key}' in '${field}'` };
  }
  if (mount.Type === '') return { error: 'type is required' };
  return mount.Target === undefined ? { error: 'target is required' } : mount;
}

export function checkMount(text: string): string | undefined {
  const mount = parseMount(text);
  return 'error' in mount ? mount.error : undefined;
}

/** `--mount` and `--tmpfs` in the body of a create request. */
export function mountsOf(flags: FlagValues): { Mounts?: MountRequest[]; Tmpfs?: Record<string, string> } {
  const mounts = flags.all('mount').flatMap((text) => {
    const mount = parseMount(text);
    return 'error' in mount ? [] : [mount];
  });
  const tmpfs = Object.fromEntries(
    flags.all('tmpfs').map((text) => {
      const colon = text.indexOf(':');
      return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
    }),
  );
  return { ...(mounts.length > 0 ? { Mounts: mounts } : {}), ...(flags.given('tmpfs') ? { Tmpfs: tmpfs } : {}) };
}
