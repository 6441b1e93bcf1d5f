import { ETHERNET_HEADER, etherType } from '../../wire/ethernet.ts';
import { emitVlan, VLAN_HEADER } from '../../wire/vlan.ts';
import type { Skb } from '../skb.ts';

/** Takes the tag off a frame, before `skb.data` (skb_vlan_untag). */
export function untag(skb: Skb): void {
  skb.bytes.copyWithin(skb.mac + VLAN_HEADER, skb.mac, skb.mac + 12);
  skb.mac += VLAN_HEADER;
  skb.data = skb.mac;
  skb.traced = -1;
}

/** Puts a tag into the frame that starts at `skb.data`. */
export function tag(skb: Skb, protocol: number, id: number): void {
  const type = etherType(skb.bytes, skb.data);
  skb.push(VLAN_HEADER);
  skb.bytes.copyWithin(skb.data, skb.data + VLAN_HEADER, skb.data + VLAN_HEADER + 12);
  skb.bytes[skb.data + 12] = protocol >>> 8;
  skb.bytes[skb.data + 13] = protocol & 0xff;
  emitVlan(skb.bytes, skb.data + ETHERNET_HEADER, { vid: id, priority: 0, dropEligible: false, etherType: type });
  skb.mac = skb.data;
  skb.protocol = protocol;
  skb.traced = -1;
}
