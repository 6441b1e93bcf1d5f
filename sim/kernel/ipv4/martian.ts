import { formatIPv4 } from '../../base/address.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import type { Skb } from '../skb.ts';

/** KERN_WARNING. */
const WARNING = 4;

/**
 * An impossible address goes into the kernel's log if the administrator wants that (net.ipv4.conf.*.log_martians): of a source the frame's
 * header, too, since nothing else tells where it came from (ip_handle_martian_source, ip_route_input_slow).
 */
export function tellOfMartian(device: NetDevice, skb: Skb, which: 'source' | 'destination'): void {
  const { ipv4: stack, kernel } = device.net;
  if (stack.confMax(device, 'log_martians') === 0) return;
  const { bytes, network, mac } = skb;
  const source = formatIPv4(ip.source(bytes, network));
  const destination = formatIPv4(ip.destination(bytes, network));
  if (which === 'destination') {
    kernel.log.writeLimited(WARNING, `IPv4: martian destination ${destination} from ${source}, dev ${device.name}`);
    return;
  }
  const told = kernel.log.writeLimited(WARNING, `IPv4: martian source ${destination} from ${source}, on dev ${device.name}`);
  if (!told || device.linkHeader === 0) return;
  const header = [...bytes.subarray(mac, mac + device.linkHeader)].map((byte) => byte.toString(16).padStart(2, '0'));
  kernel.log.write(WARNING, `ll header: 00000000: ${header.join(' ')}`);
}
