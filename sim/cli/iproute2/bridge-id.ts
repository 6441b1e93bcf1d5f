/**
 * A bridge id as `ip -d` prints it: the priority in four hexadecimal digits, then the octets of the address without leading
 * zeros (lib/utils.c `br_dump_bridge_id`). The kernel's form has them padded, with or without colons.
 */
export function formatBridgeId(id: string): string {
  const [priority = '', address = ''] = id.split('.');
  const digits = address.includes(':') ? address.split(':') : (address.match(/../g) ?? []);
  return `${priority.padStart(4, '0')}.${digits.map((octet) => Number.parseInt(octet, 16).toString(16)).join(':')}`;
}
