import { ETHERTYPE } from '../../../wire/ethernet.ts';
import { LINKTYPE } from '../../../wire/pcap.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { UDP_PORT } from '../../../wire/udp.ts';
import { arp } from './arp.ts';
import { bgp } from './bgp.ts';
import { dhcp } from './dhcp.ts';
import { dns, dnsOverTcp, multicastDns } from './dns.ts';
import { ethernet } from './ethernet.ts';
import { geneve } from './geneve.ts';
import { gre } from './gre.ts';
import { icmp } from './icmp.ts';
import { icmpv6 } from './icmpv6.ts';
import { igmp } from './igmp.ts';
import { ah, esp } from './ipsec.ts';
import { ipInIp, ipv4 } from './ipv4.ts';
import { ipv6, ipv6InIp } from './ipv6.ts';
import { lldp } from './lldp.ts';
import { mpls } from './mpls.ts';
import { ntp } from './ntp.ts';
import type { Printers } from './printout.ts';
import { nflog } from './nflog.ts';
import { raw, sll2 } from './sll2.ts';
import { sctp } from './sctp.ts';
import { syslog } from './syslog.ts';
import { tcp } from './tcp.ts';
import { tftp } from './tftp.ts';
import { ftp, http, smtp, ssh } from './text-lines.ts';
import { udp } from './udp.ts';
import { vrrp } from './vrrp.ts';
import { vxlan } from './vxlan.ts';

/** Every protocol that lines can tell of, by what names it in the header before it. Adding one: its file, an import and a line here. */
export const printers: Printers = {
  linkTypes: new Map([
    [LINKTYPE.Ethernet, ethernet],
    [LINKTYPE.Raw, raw],
    // What savefiles had before 101 was given to raw packets.
    [12, raw],
    [LINKTYPE.Ipv4, raw],
    [LINKTYPE.Nflog, nflog],
    [LINKTYPE.LinuxSll2, sll2],
  ]),
  etherTypes: new Map([
    [ETHERTYPE.IPv4, ipv4],
    [ETHERTYPE.IPv6, ipv6],
    [ETHERTYPE.ARP, arp],
    [0x8035, arp],
    [0x8847, mpls],
    [0x8848, mpls],
    [0x88cc, lldp],
  ]),
  protocols: new Map([
    [PROTOCOL.TCP, tcp],
    [PROTOCOL.UDP, udp],
    [PROTOCOL.ICMP, icmp],
    [PROTOCOL.ICMPv6, icmpv6],
    [PROTOCOL.IGMP, igmp],
    [PROTOCOL.IPIP, ipInIp],
    [PROTOCOL.IPv6, ipv6InIp],
    [PROTOCOL.GRE, gre],
    [PROTOCOL.ESP, esp],
    [PROTOCOL.AH, ah],
    [PROTOCOL.VRRP, vrrp],
    [PROTOCOL.SCTP, sctp],
  ]),
  tcpPorts: [
    [21, ftp],
    [22, ssh],
    [25, smtp],
    [53, dnsOverTcp],
    [80, http],
    [179, bgp],
    [8080, http],
  ],
  udpPorts: [
    [UDP_PORT.DNS, dns],
    [UDP_PORT.DHCPServer, dhcp],
    [UDP_PORT.DHCPClient, dhcp],
    [69, tftp],
    [UDP_PORT.NTP, ntp],
    [514, syslog],
    [UDP_PORT.MDNS, multicastDns],
    [UDP_PORT.FlannelVXLAN, vxlan],
    [UDP_PORT.VXLAN, vxlan],
    [6081, geneve, 'destination'],
    [6635, mpls],
  ],
};
