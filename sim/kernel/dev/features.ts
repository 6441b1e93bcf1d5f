import type { NetDevice } from './device.ts';
import { DRIVER_FEATURES, type DriverFeatures, FEATURES } from './driver-features.ts';

/** What is on, on each device whose features somebody has switched. */
const switched = new WeakMap<NetDevice, Set<string>>();
/** What somebody has asked for, on the same. */
const asked = new WeakMap<NetDevice, Set<string>>();

/** One offload of a device. */
export interface Feature {
  name: string;
  on: boolean;
  /** It can't be switched. */
  fixed: boolean;
  wanted: boolean;
}

function driverOf(device: NetDevice): DriverFeatures | undefined {
  if (device === device.net.loopback) return DRIVER_FEATURES.loopback;
  return DRIVER_FEATURES[device.kind === '' ? 'veth' : device.kind];
}

/** @returns `undefined` for kinds whose offloads aren't known here */
export function featuresOf(device: NetDevice): Feature[] | undefined {
  const driver = driverOf(device);
  if (!driver) return undefined;
  const on = switched.get(device) ?? new Set([...driver.on, ...driver.fixed]);
  const wants = asked.get(device) ?? new Set([...driver.on, ...driver.fixed, ...driver.wanted]);
  const free = new Set([...driver.on, ...driver.off, ...driver.wanted]);
  return FEATURES.map((name) => ({ name, on: on.has(name), fixed: !free.has(name), wanted: wants.has(name) }));
}

const SEGMENTATION = ['tx-tcp-segmentation', 'tx-tcp-ecn-segmentation', 'tx-tcp-mangleid-segmentation', 'tx-tcp6-segmentation'];

/** Switches some (__netdev_update_features): what needs something that is off goes off with it, and comes back with it. */
export function switchFeatures(device: NetDevice, wishes: ReadonlyMap<string, boolean>): void {
  const features = featuresOf(device);
  if (!features) return;
  const wants = new Set(features.filter((feature) => feature.wanted).map(({ name }) => name));
  for (const { name, fixed } of features) {
    const wish = wishes.get(name);
    if (wish === undefined || fixed) continue;
    if (wish) wants.add(name);
    else wants.delete(name);
  }
  const blocked = new Set(driverOf(device)?.wanted);
  const on = new Set(
    features.filter(({ name, fixed, on: now }) => (fixed ? now : wants.has(name) && !blocked.has(name))).map(({ name }) => name),
  );
  fix(on);
  asked.set(device, wants);
  switched.set(device, on);
}

/** netdev_fix_features. */
function fix(on: Set<string>): void {
  const generic = on.has('tx-checksum-ip-generic');
  const four = generic || on.has('tx-checksum-ipv4');
  if (!on.has('tx-scatter-gather')) {
    on.delete('tx-scatter-gather-fraglist');
    for (const name of [...SEGMENTATION, 'tx-generic-segmentation']) on.delete(name);
  }
  if (!four) for (const name of SEGMENTATION.slice(0, 3)) on.delete(name);
  if (!generic && !on.has('tx-checksum-ipv6')) on.delete('tx-tcp6-segmentation');
  if (!generic) on.delete('tx-udp-segmentation');
}
