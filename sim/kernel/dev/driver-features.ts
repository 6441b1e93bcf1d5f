/**
 * Which offloads the drivers have (NETIF_F_*, netdev_features_strings): what is on, what may be switched, and what a device wishes for
 * but cannot have yet. Everything else is off and stays so. Segments are never joined or split and checksums always computed here,
 * so that switching changes nothing but what is reported.
 */
export interface DriverFeatures {
  /** On, and may be switched off. */
  on: readonly string[];
  /** Off, and may be switched on. */
  off: readonly string[];
  /** On for good. */
  fixed: readonly string[];
  /** Wanted on, but off: something that it needs is missing. */
  wanted: readonly string[];
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Every feature in the order in which they are shown. */
export const FEATURES: readonly string[] = words(
  'rx-checksum tx-checksum-ipv4 tx-checksum-ip-generic tx-checksum-ipv6 tx-checksum-fcoe-crc ' +
    'tx-checksum-sctp tx-scatter-gather tx-scatter-gather-fraglist tx-tcp-segmentation tx-tcp-ecn-segmentation ' +
    'tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-tcp-accecn-segmentation tx-generic-segmentation ' +
    'rx-gro rx-lro rx-vlan-hw-parse tx-vlan-hw-insert rx-ntuple-filter rx-hashing highdma rx-vlan-filter ' +
    'vlan-challenged tx-gso-robust tx-fcoe-segmentation tx-gre-segmentation tx-gre-csum-segmentation ' +
    'tx-ipxip4-segmentation tx-ipxip6-segmentation tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation ' +
    'tx-gso-partial tx-tunnel-remcsum-segmentation tx-sctp-segmentation tx-esp-segmentation ' +
    'tx-udp-segmentation tx-gso-list tx-nocache-copy loopback rx-fcs rx-all tx-vlan-stag-hw-insert ' +
    'rx-vlan-stag-hw-parse rx-vlan-stag-filter l2-fwd-offload hw-tc-offload esp-hw-offload ' +
    'esp-tx-csum-hw-offload rx-udp_tunnel-port-offload tls-hw-tx-offload tls-hw-rx-offload rx-gro-hw ' +
    'tls-hw-record rx-gro-list macsec-hw-offload rx-udp-gro-forwarding hsr-tag-ins-offload hsr-tag-rm-offload ' +
    'hsr-fwd-offload hsr-dup-offload',
);

/** By kind of device; `loopback` for lo. Physical cards are taken for what virtual machines' are. */
export const DRIVER_FEATURES: Readonly<Record<string, DriverFeatures>> = {
  veth: {
    on: words(
      'rx-checksum tx-checksum-ip-generic tx-checksum-sctp tx-scatter-gather tx-scatter-gather-fraglist ' +
        'tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation ' +
        'tx-tcp-accecn-segmentation tx-generic-segmentation rx-vlan-hw-parse tx-vlan-hw-insert highdma ' +
        'tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation ' +
        'tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation tx-sctp-segmentation tx-udp-segmentation tx-gso-list ' +
        'tx-vlan-stag-hw-insert rx-vlan-stag-hw-parse',
    ),
    off: words('rx-gro tx-nocache-copy rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(''),
    wanted: words(''),
  },
  loopback: {
    on: words(
      'tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation ' +
        'tx-tcp-accecn-segmentation tx-generic-segmentation rx-gro tx-sctp-segmentation tx-udp-segmentation ' +
        'tx-gso-list',
    ),
    off: words('rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(
      'rx-checksum tx-checksum-ip-generic tx-checksum-sctp tx-scatter-gather tx-scatter-gather-fraglist highdma ' +
        'vlan-challenged loopback',
    ),
    wanted: words(''),
  },
  bridge: {
    on: words(
      'tx-checksum-ip-generic tx-scatter-gather tx-scatter-gather-fraglist tx-tcp-segmentation ' +
        'tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-tcp-accecn-segmentation ' +
        'tx-generic-segmentation rx-gro tx-vlan-hw-insert highdma tx-gso-robust tx-fcoe-segmentation ' +
        'tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation ' +
        'tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation tx-gso-partial tx-tunnel-remcsum-segmentation ' +
        'tx-sctp-segmentation tx-esp-segmentation tx-udp-segmentation tx-gso-list tx-vlan-stag-hw-insert',
    ),
    off: words('tx-nocache-copy rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(''),
    wanted: words(''),
  },
  vxlan: {
    on: words(
      'rx-checksum tx-checksum-ip-generic tx-scatter-gather tx-scatter-gather-fraglist tx-tcp-segmentation ' +
        'tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-tcp-accecn-segmentation ' +
        'tx-generic-segmentation rx-gro tx-sctp-segmentation tx-udp-segmentation tx-gso-list',
    ),
    off: words('tx-nocache-copy rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(''),
    wanted: words(''),
  },
  macvlan: {
    on: words('tx-generic-segmentation'),
    off: words('rx-lro tx-nocache-copy rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(
      'rx-checksum tx-checksum-ip-generic tx-scatter-gather tx-scatter-gather-fraglist tx-tcp-segmentation ' +
        'tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-tcp-accecn-segmentation ' +
        'highdma tx-gso-robust tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation ' +
        'tx-ipxip6-segmentation tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation tx-sctp-segmentation ' +
        'tx-udp-segmentation tx-gso-list',
    ),
    wanted: words('rx-gro'),
  },
  tun: {
    on: words('tx-scatter-gather tx-scatter-gather-fraglist tx-generic-segmentation rx-gro tx-vlan-hw-insert ' + 'tx-vlan-stag-hw-insert'),
    off: words('tx-tcp-mangleid-segmentation tx-nocache-copy rx-gro-list rx-udp-gro-forwarding'),
    fixed: words(''),
    wanted: words(
      'tx-checksum-ip-generic tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp6-segmentation ' +
        'tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation tx-udp-segmentation',
    ),
  },
};
