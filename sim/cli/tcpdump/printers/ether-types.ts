/** EtherTypes as tcpdump names them (print-ether.c). */
export const ETHERTYPE_NAMES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  25944: 'TEB',
  32821: 'Reverse ARP',
  33024: '802.1Q',
  33079: 'IPX',
  34525: 'IPv6',
  34824: 'MPCP',
  34825: 'Slow Protocols',
  34827: 'PPP',
  34887: 'MPLS unicast',
  34888: 'MPLS multicast',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  34928: 'Jumbo',
  34958: 'EAPOL',
  34978: 'AoE',
  34984: '802.1Q-QinQ',
  35018: 'TIPC',
  35020: 'LLDP',
  35045: '802.1AE MACsec',
  35063: 'PTP',
  35074: 'CFM',
  35151: 'NSH',
  36864: 'Loopback',
  37120: '802.1Q-9100',
  37376: '802.1Q-9200',
};

/** What stands in the type field up to here is a length (IEEE 802.3). */
export const MAX_LENGTH_FIELD = 1500;
