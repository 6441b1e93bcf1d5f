import type { NetDevice } from '../../kernel/dev/device.ts';
import { Veth } from '../../kernel/dev/veth.ts';

const MODES = `	Supported ports: [  ]
	Supported link modes:   Not reported
	Supported pause frame use: No
	Supports auto-negotiation: No
	Supported FEC modes: Not reported
	Advertised link modes:  Not reported
	Advertised pause frame use: No
	Advertised auto-negotiation: No
	Advertised FEC modes: Not reported
`;

/** Drivers report a speed that means nothing: 10 Gbit/s (veth_get_link_ksettings); devices on others report theirs. */
const FAST = `	Speed: 10000Mb/s
	Duplex: Full
	Auto-negotiation: off
	Port: Twisted Pair
	PHYAD: 0
	Transceiver: internal
	MDI-X: Unknown
`;

/** A bridge is as fast as its fastest port that is up (br_get_link_ksettings). */
function bridgeSpeed(device: NetDevice): string {
  const speed = [...device.net.devices.values()].some((port) => port.master === device && port.running) ? '10000Mb/s' : 'Unknown!';
  return `	Speed: ${speed}
	Duplex: Unknown! (255)
	Auto-negotiation: off
	Port: Other
	PHYAD: 0
	Transceiver: internal
`;
}

/** Kinds that report the speed of their own or of the device below. */
const WITH_SPEED = new Set(['', 'veth', 'vxlan', 'macvlan', 'tun', 'vlan', 'ipvlan']);

/** `ethtool IF`. */
export function settingsText(device: NetDevice, name: string): string {
  const link = `	Link detected: ${device.running ? 'yes' : 'no'}\n`;
  const head = `Settings for ${name}:\n`;
  if (device.kind === 'bridge') return `${head}${MODES}${bridgeSpeed(device)}${link}`;
  if (device === device.net.loopback || !WITH_SPEED.has(device.kind)) return head + link;
  const level = device.kind === 'tun' ? `        Current message level: 0x00000000 (0)\n${' '.repeat(30)}\n` : '';
  return `${head}${MODES}${FAST}${level}${link}`;
}

/** The name and version of drivers, and what they say of their firmware and bus (ethtool_drvinfo). */
const DRIVERS: Readonly<Record<string, { name: string; version: string; firmware?: string; bus?: string }>> = {
  '': { name: 'veth', version: '1.0' },
  veth: { name: 'veth', version: '1.0' },
  bridge: { name: 'bridge', version: '2.3', firmware: 'N/A', bus: 'N/A' },
  vxlan: { name: 'vxlan', version: '0.1' },
  macvlan: { name: 'macvlan', version: '0.1' },
  tun: { name: 'tun', version: '1.6', bus: 'tap' },
  vlan: { name: '802.1Q VLAN Support', version: '1.8', firmware: 'N/A' },
  dummy: { name: 'dummy', version: '1.0' },
  ipvlan: { name: 'ipvlan', version: '0.1' },
};

/** `ethtool -i`. */
export function driverText(device: NetDevice): string | undefined {
  const driver = DRIVERS[device.kind];
  if (!driver) return undefined;
  const bus = device.kind === 'tun' && device.type !== 'ether' ? 'tun' : (driver.bus ?? '');
  const counts = statisticsText(device) === undefined ? 'no' : 'yes';
  return (
    `driver: ${driver.name}\nversion: ${driver.version}\nfirmware-version: ${driver.firmware ?? ''}\nexpansion-rom-version: \nbus-info: ${bus}\n` +
    `supports-statistics: ${counts}\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n`
  );
}

/** Of veth's receive and transmit queue; no XDP program is ever there to count anything. */
const QUEUE = [
  ...['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors'].map((name) => `rx_queue_0_${name}`),
  ...['xdp_xmit', 'xdp_xmit_errors'].map((name) => `tx_queue_0_${name}`),
];

/** `ethtool -S`: where the other end of a veth pair is, in its own namespace's numbers. */
export function statisticsText(device: NetDevice): string | undefined {
  if (!(device instanceof Veth)) return undefined;
  const lines = [`peer_ifindex: ${device.link?.device.ifindex ?? 0}`, ...QUEUE.map((name) => `${name}: 0`)];
  return `NIC statistics:\n${lines.map((line) => `     ${line}\n`).join('')}`;
}

/** `ethtool -T`: software stamps only. */
export const TIME_STAMPING = `Capabilities:
	software-transmit
	software-receive
	software-system-clock
PTP Hardware Clock: none
Hardware Transmit Timestamp Modes: none
Hardware Receive Filter Modes: none
`;
