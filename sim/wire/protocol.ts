/** IP protocol numbers (IANA; include/uapi/linux/in.h and in6.h), shared by IPv4's protocol and IPv6's next header. */
export const PROTOCOL = {
  HopByHop: 0,
  ICMP: 1,
  IGMP: 2,
  /** IPv4 in IP: what Calico's and Linux's ipip tunnels carry. The inner packet follows at once, there is no header between. */
  IPIP: 4,
  TCP: 6,
  UDP: 17,
  /** IPv6 in IP: sit and ip6tnl. */
  IPv6: 41,
  Routing: 43,
  Fragment: 44,
  GRE: 47,
  ESP: 50,
  AH: 51,
  ICMPv6: 58,
  NoNext: 59,
  DestinationOptions: 60,
  VRRP: 112,
  SCTP: 132,
  UDPLite: 136,
} as const;
