import { printPadded } from './characters.ts';
import { flagNames, hex, named, type Printout } from './printout.ts';

/** What organisations add to LLDP (print-lldp.c): of IEEE 802.1 the VLANs, of IEEE 802.3 all; the values of others are dumped. */

const NAMES: Readonly<Record<number, string>> = {
  0: 'Ethernet',
  12: 'Cisco',
  94: 'IANA',
  248: 'Cisco bridged',
  32962: 'Ethernet bridged',
  36969: 'Juniper',
  524297: 'Hewlett-Packard',
  4623: 'IEEE 802.3 Private',
  4795: 'ANSI/TIA',
  6945: 'DCBX',
  8992: 'Nicira Networks',
  4120: 'Broadcom',
};
const IEEE_8021 = 0x0080c2;
const IEEE_8023 = 0x00120f;
const NAMES_8021 = [
  ...['Port VLAN Id', 'Port and Protocol VLAN ID', 'VLAN name', 'Protocol Identity', undefined, undefined, 'Link aggregation'],
  ...['Congestion Notification', 'ETS Configuration', 'ETS Recommendation', 'Priority Flow Control Configuration'],
  ...['Application Priority', 'EVB', 'CDCP'],
];
const NAMES_8023 = ['MAC/PHY configuration/status', 'Power via MDI', 'Link aggregation', 'Max frame size'];
const SUPPORT = [
  [1, 'supported'],
  [2, 'enabled'],
] as const;
const PROTOCOL_VLAN = [
  [2, 'supported'],
  [4, 'enabled'],
] as const;
const POWER = [
  [1, 'PSE'],
  [2, 'supported'],
  [4, 'enabled'],
  [8, 'can be controlled'],
] as const;
const SPEEDS = [
  ...['10BASE-T hdx', '10BASE-T fdx', '100BASE-T4', '100BASE-TX hdx', '100BASE-TX fdx', '100BASE-T2 hdx', '100BASE-T2 fdx'],
  ...['Pause for fdx links', 'Asym PAUSE for fdx', 'Sym PAUSE for fdx', 'Asym and Sym PAUSE for fdx'],
  ...['1000BASE-{X LX SX CX} hdx', '1000BASE-{X LX SX CX} fdx', '1000BASE-T hdx', '1000BASE-T fdx'],
].map((name, i) => [0x4000 >>> i, name] as const);
/** dot3MauType (RFC 3636), from 0 on. */
const MEDIA = [
  ...['Unknown', 'AUI', '10BASE_5', 'FOIRL', '10BASE2', '10BASET duplex mode unknown', '10BASEFP', '10BASEFB'],
  ...['10BASEFL duplex mode unknown', '10BROAD36', '10BASET hdx', '10BASET fdx', '10BASEFL hdx', '10BASEFL fdx', '100BASET4'],
  ...['100BASETX hdx', '100BASETX fdx', '100BASEFX hdx', '100BASEFX fdx', '100BASET2 hdx', '100BASET2 fdx', '1000BASEX hdx'],
  ...['1000BASEX fdx', '1000BASELX hdx', '1000BASELX fdx', '1000BASESX hdx', '1000BASESX fdx', '1000BASECX hdx', '1000BASECX fdx'],
  ...['1000BASET hdx', '1000BASET fdx', '10GBASEX', '10GBASELX4', '10GBASER', '10GBASEER', '10GBASELR', '10GBASESR', '10GBASEW'],
  ...['10GBASEEW', '10GBASELW', '10GBASESW'],
];

/** @returns false for what should be dumped */
export function printOrganization(out: Printout, at: number, length: number): boolean {
  const organization = out.u24(at);
  out.write(`: OUI ${named(NAMES, organization, 'Unknown')} (0x${hex(organization, 6)})`);
  if (organization !== IEEE_8021 && organization !== IEEE_8023) return false;
  if (length < 4) return true;
  const kind = out.u8(at + 3);
  const name = (organization === IEEE_8021 ? NAMES_8021 : NAMES_8023)[kind - 1];
  out.write(`\n\t  ${name ?? 'unknown'} Subtype (${kind})`);
  return (organization === IEEE_8021 ? print8021 : print8023)(out, kind, at + 4, length - 4);
}

function print8021(out: Printout, kind: number, at: number, length: number): boolean {
  const line = (text: string): void => out.write(`\n\t    ${text}`);
  switch (kind) {
    case 1:
      if (length >= 2) line(`port vlan id (PVID): ${out.u16(at)}`);
      return true;
    case 2: {
      const flags = out.u8(at);
      const text = `flags [${flagNames(PROTOCOL_VLAN, flags, 'none')}] (0x${hex(flags, 2)})`;
      if (length >= 3) line(`port and protocol vlan id (PPVID): ${out.u16(at + 1)}, ${text}`);
      return true;
    }
    case 3:
      if (length < 2) return true;
      line(`vlan id (VID): ${out.u16(at)}`);
      if (length >= 3 && length >= 3 + out.u8(at + 2)) printNamed(out, 'vlan name', at + 2);
      return true;
    case 4:
      if (length >= 1 && length >= 1 + out.u8(at)) printNamed(out, 'protocol identity', at);
      return true;
    case 7:
      if (length >= 5) line(aggregation(out, at));
      return true;
  }
  return false;
}

/** A text with its length before it. */
function printNamed(out: Printout, name: string, at: number): void {
  out.write(`\n\t    ${name}: `);
  printPadded(out, at + 1, out.u8(at));
}

function print8023(out: Printout, kind: number, at: number, length: number): boolean {
  const line = (text: string): void => out.write(`\n\t    ${text}`);
  switch (kind) {
    case 1: {
      if (length < 5) return true;
      const [state, speeds, media] = [out.u8(at), out.u16(at + 1), out.u16(at + 3)];
      line(`autonegotiation [${flagNames(SUPPORT, state, 'none')}] (0x${hex(state, 2)})`);
      line(`PMD autoneg capability [${flagNames(SPEEDS, speeds, 'unknown')}] (0x${hex(speeds, 4)})`);
      line(`MAU type ${MEDIA[media] ?? 'unknown'} (0x${hex(media, 4)})`);
      return true;
    }
    case 2: {
      if (length < 3) return true;
      const pair = named({ 1: 'signal', 2: 'spare' }, out.u8(at + 1), 'unknown');
      const power = out.u8(at + 2);
      const powerClass = power >= 1 && power <= 5 ? `class${power - 1}` : 'unknown';
      line(`MDI power support [${flagNames(POWER, out.u8(at), 'none')}], power pair ${pair}, power class ${powerClass}`);
      return true;
    }
    case 3:
      if (length >= 5) line(aggregation(out, at));
      return true;
    case 4:
      if (length >= 2) line(`MTU size ${out.u16(at)}`);
      return true;
  }
  return false;
}

function aggregation(out: Printout, at: number): string {
  return `aggregation status [${flagNames(SUPPORT, out.u8(at), 'none')}], aggregation port ID ${out.u32(at + 1)}`;
}
