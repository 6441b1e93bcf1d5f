import { appletNames } from '../cli/busybox/applet-names.ts';
import { commands } from '../cli/registry.ts';
import { imageDefinitions } from '../engines/docker/images/registry.ts';
import { startDocker } from '../engines/docker/start.ts';
import type { Host } from '../host/host.ts';

/** Starts Docker Engine on a Debian host, with every image that worlds have. */
export function startDockerEngine(host: Host): void {
  startDocker(host, { images: imageDefinitions, busyboxApplets: appletNames, programs: commands });
}
