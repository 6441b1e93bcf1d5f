import { LINKTYPE } from '../../../wire/pcap.ts';
import { both, NEVER, type Test } from './subject.ts';

const MAX_LENGTH_FIELD = 1500;
/** `LINUX_SLL_P_802_2`: frames with an LLC header in cooked captures. */
const P_802_2 = 4;

/** How libpcap's messages name link types. */
const NAMES: Readonly<Record<number, string>> = {
  [LINKTYPE.Ethernet]: 'DLT_EN10MB (Ethernet)',
  [LINKTYPE.Raw]: 'DLT_RAW (Raw IP)',
  12: 'DLT_RAW (Raw IP)',
  [LINKTYPE.Ipv4]: 'DLT_IPV4 (Raw IPv4)',
  [LINKTYPE.Nflog]: 'DLT_NFLOG (Linux netfilter log messages)',
  [LINKTYPE.LinuxSll2]: 'DLT_LINUX_SLL2 (Linux cooked v2)',
};

/** Where headers stand in packets of a link type. A `vlan` in an expression moves what follows it on by a tag. */
export class LinkLayout {
  readonly linkType: number;
  /** Whether the packets come from a device, with their direction and its index beside them. */
  readonly live: boolean;
  #tags = 0;

  constructor(linkType: number, live: boolean) {
    this.linkType = linkType;
    this.live = live;
  }

  get name(): string {
    return NAMES[this.linkType] ?? `DLT ${this.linkType}`;
  }

  get ethernet(): boolean {
    return this.linkType === LINKTYPE.Ethernet;
  }

  get cooked(): boolean {
    return this.linkType === LINKTYPE.LinuxSll2;
  }

  /** Where the network header starts. */
  get network(): number {
    return (this.ethernet ? 14 : this.cooked ? 20 : 0) + this.#tags;
  }

  /** Goes on behind an 802.1Q tag. */
  enterTag(): void {
    this.#tags += 4;
  }

  /** Whether the packet is of an EtherType, or for numbers up to 1500 of an LLC access point (gen_linktype). */
  isType(type: number): Test {
    const { network } = this;
    const at = this.cooked ? this.#tags : network - 2;
    if (this.ethernet) {
      if (type > MAX_LENGTH_FIELD) return (packet) => packet.u16(at) === type;
      return both((packet) => packet.u16(at) <= MAX_LENGTH_FIELD, accessPoint(type, network));
    }
    if (this.cooked) {
      if (type > MAX_LENGTH_FIELD) return (packet) => packet.u16(at) === type;
      return both((packet) => packet.u16(at) === P_802_2, accessPoint(type, network));
    }
    if (type === 0x0800) return (packet) => (packet.u8(network) & 0xf0) === 0x40;
    return type === 0x86dd ? (packet) => (packet.u8(network) & 0xf0) === 0x60 : NEVER;
  }
}

/** ISO's and NetBEUI's access points are compared on both sides, others as destination. */
function accessPoint(type: number, network: number): Test {
  if (type === 0xfe || type === 0xf0) return (packet) => packet.u16(network) === (type << 8) + type;
  return (packet) => packet.u8(network) === type;
}
