import { formatIPv6, formatMac, type Mac } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { addLocalRoute } from './address-routes.ts';
import type { Ipv6Address } from './interface.ts';
import { advertise, solicitAddress, solicitRouters } from './ndisc.ts';
import type { Ipv6Stack } from './stack.ts';

/**
 * Duplicate address detection (RFC 4862 §5.4, addrconf_dad_begin): after a random wait of up to
 * `router_solicitation_delay` seconds, ask whether anybody has the
 * address; after another second of silence it is ours.
 */
export function startDad(stack: Ipv6Stack, device: NetDevice, entry: Ipv6Address): void {
  const { kernel } = stack.net;
  const delay = kernel.random(`dad/${device.uid}/${entry.address}`).below(Math.max(1, device.ipv6.conf.router_solicitation_delay * SECOND));
  let left = device.ipv6.conf.dad_transmits;
  const step = (): void => {
    if (left-- > 0) {
      solicitAddress(device, entry.address, undefined, 0n);
      entry.dad = kernel.events.after(SECOND, 'dad', step, true);
    } else completed(stack, device, entry);
  };
  entry.dad = kernel.events.after(delay, 'dad', step, true);
}

/** addrconf_dad_completed. */
function completed(stack: Ipv6Stack, device: NetDevice, entry: Ipv6Address): void {
  entry.tentative = false;
  entry.dad = undefined;
  stack.tell(device, entry, false);
  addLocalRoute(stack, device, entry);
  if (device.ipv6.conf.ndisc_notify) advertise(device, entry.address, undefined);
  if (entry.scope === SCOPE.link) solicitRouters(stack, device);
}

/** Somebody else, whose MAC that is, has the address: it stays tentative for good (addrconf_dad_failure). */
export function failDad(stack: Ipv6Stack, device: NetDevice, entry: Ipv6Address, by: Mac): void {
  const who = `${formatIPv6(entry.address)} used by ${formatMac(by)}`;
  stack.net.kernel.log.writeLimited(6, `IPv6: ${device.name}: IPv6 duplicate address ${who} detected!`);
  stack.net.kernel.events.cancel(entry.dad);
  entry.dad = undefined;
  entry.dadFailed = true;
}
