import type { Host } from '../../host/host.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import { Engine, type EngineOptions } from './engine.ts';

/** Starts Docker Engine on a host whose network cards exist already: docker0 gets the next ifindex. */
export function startDocker(host: Host, options: Omit<EngineOptions, 'openRtNetlink'>): Engine {
  return new Engine(host, { ...options, openRtNetlink });
}
