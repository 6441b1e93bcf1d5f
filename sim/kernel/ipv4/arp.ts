import {
  type IP,
  type IPv4,
  isLoopbackIPv4,
  isMulticastIPv4,
  type Mac,
  MAC_BROADCAST,
  MAC_ZERO,
  multicastMacOfIPv4,
} from '../../base/address.ts';
import { TraceKind } from '../../base/trace.ts';
import { ARP_LENGTH, ARP_OPERATION, emitArp, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { IFF, type NetDevice } from '../dev/device.ts';
import { transmit } from '../dev/queue.ts';
import { drop } from '../drop.ts';
import type { NeighbourProtocol } from '../neigh/table.ts';
import { Skb } from '../skb.ts';
import { SCOPE } from './interface.ts';
import { macWithoutResolution, noResolution, onSameLink, routeInput, selectSource } from './route.ts';

/** Address resolution for IPv4 (RFC 826, net/ipv4/arp.c). */
export class ArpProtocol implements NeighbourProtocol {
  readonly family = 4;

  solicit(device: NetDevice, address: IP, to: Mac | undefined, waiting: Skb | undefined): void {
    const stack = device.net.ipv4;
    const wanted = waiting ? ip.source(waiting.bytes, waiting.network) : 0;
    const source = announces(device, wanted, address as IPv4) ? wanted : selectSource(stack, device, address as IPv4, SCOPE.link);
    send(device, ARP_OPERATION.Request, to ?? MAC_BROADCAST, device.address, source, MAC_ZERO, address as IPv4);
  }

  failed(device: NetDevice, skb: Skb): void {
    drop(device.net, skb, 'NEIGH_FAILED');
    device.net.ipv4.reportError(skb, { kind: 'unreachable', code: 1, mtu: 0 });
  }

  constructAddress(device: NetDevice, address: IP): Mac | undefined {
    const target = address as IPv4;
    if (isMulticastIPv4(target)) return multicastMacOfIPv4(target);
    if (noResolution(device)) return macWithoutResolution(device);
    return device.net.ipv4.addressType(target, device) === 'broadcast' ? device.broadcast : undefined;
  }
}

/** arp_announce 0: the waiting packet's own source, if it is ours; 1: only if it is of the target's network there; 2: never. */
function announces(device: NetDevice, wanted: IPv4, target: IPv4): boolean {
  const { ipv4: stack } = device.net;
  const mode = stack.confMax(device, 'arp_announce');
  if (wanted === 0 || mode >= 2 || !stack.isLocal(wanted)) return false;
  return mode === 0 || onSameLink(device, target, wanted);
}

function send(device: NetDevice, operation: number, to: Mac, senderMac: Mac, sender: IPv4, targetMac: Mac, target: IPv4): void {
  const skb = Skb.allocate(ARP_LENGTH, device.net.kernel.ids.nextPacket());
  emitArp(skb.bytes, skb.data, { operation, senderMac, senderAddress: sender, targetMac, targetAddress: target });
  skb.network = skb.data;
  skb.protocol = ETHERTYPE.ARP;
  skb.push(ETHERNET_HEADER);
  skb.mac = skb.data;
  emitEthernet(skb.bytes, skb.data, { destination: to, source: device.address, etherType: ETHERTYPE.ARP });
  transmit(device, skb);
}

/** Tells the link about this host's addresses (gratuitous ARP, arp_notify). */
export function announce(device: NetDevice): void {
  for (const { local } of device.ipv4.addresses) send(device, ARP_OPERATION.Request, MAC_BROADCAST, device.address, local, MAC_ZERO, local);
}

/** An ARP packet has come in (arp_rcv, arp_process). */
export function arpReceive(device: NetDevice, skb: Skb): void {
  const { net } = device;
  if ((device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0 || skb.packetType === 'otherhost') return drop(net, skb, 'OTHERHOST');
  const arp = parseArp(skb.bytes, skb.data, skb.end);
  if (isWireError(arp)) return drop(net, skb, 'HDR_TRUNC');
  const { senderAddress: sender, targetAddress: target, senderMac } = arp;
  if (isMulticastIPv4(target) || (isLoopbackIPv4(target) && net.ipv4.confMax(device, 'route_localnet') === 0))
    return drop(net, skb, 'IP_INVALID_DEST');
  if (sender === target && net.ipv4.confMax(device, 'drop_gratuitous_arp') !== 0) return drop(net, skb, 'ARP_IGNORE');
  net.kernel.trace.emit(TraceKind.Deliver, device.uid, net.uid, skb.packet, arp.operation, 'arp');
  if (arp.operation === ARP_OPERATION.Request && answer(device, skb, sender, target, senderMac)) return;
  learn(device, skb, arp.operation, sender, target, senderMac);
}

/** local, main, default. */
const DEFAULT_RULES = 3;

/** Answers a question about an address of ours, or of someone we answer for. Returns true when that settles the packet. */
function answer(device: NetDevice, skb: Skb, sender: IPv4, target: IPv4, senderMac: Mac): boolean {
  const stack = device.net.ipv4;
  const reply = (to: IPv4) => send(device, ARP_OPERATION.Reply, senderMac, device.address, target, senderMac, to);
  if (sender === 0) {
    // A probe for a duplicate (RFC 5227): answered, nothing learned.
    if (stack.isLocal(target) && !ignores(device, sender, target)) reply(0);
    return true;
  }
  // The commonest question is somebody else's; with the rules that every host has, no route would make it ours.
  if (!stack.forwards(device) && stack.rules.length === DEFAULT_RULES && !stack.isLocal(target)) return false;
  const way = routeInput(stack, { destination: target, source: sender, iif: device.ifindex, oif: 0, mark: 0, tos: 0 }, device, skb.packet);
  if ('error' in way) return false;
  if (way.local && way.type === 'local') {
    if (ignores(device, sender, target) || filtered(device, sender, target)) return false;
    noteAsker(device, sender, senderMac);
    reply(sender);
    return true;
  }
  if (way.type !== 'unicast' || !stack.forwards(device)) return false;
  const proxied = way.device !== device && (stack.confMax(device, 'proxy_arp') !== 0 || isProxied(device, target));
  if (!proxied) return false;
  noteAsker(device, sender, senderMac);
  reply(sender);
  return true;
}

/** Whoever asks has just told us its address: STALE until used (neigh_event_ns). */
function noteAsker(device: NetDevice, sender: IPv4, senderMac: Mac): void {
  device.net.ipv4.neighbours.lookup(device, sender).update(senderMac, 'STALE', { override: true });
}

function isProxied(device: NetDevice, target: IPv4): boolean {
  return device.net.ipv4.neighbours.proxies.some((proxy) => proxy.address === target && (!proxy.device || proxy.device === device));
}

/** arp_ignore 1: only addresses of the interface asked on; 2: and only to askers of the same subnet; 8: never. */
function ignores(device: NetDevice, sender: IPv4, target: IPv4): boolean {
  const mode = device.net.ipv4.confMax(device, 'arp_ignore');
  if (mode === 0) return false;
  if (mode === 8) return true;
  const own = device.ipv4.addresses.find((address) => address.local === target);
  if (!own) return true;
  return mode === 2 && ((own.local ^ sender) & (own.length === 0 ? 0 : 0xffff_ffff << (32 - own.length))) !== 0;
}

/** arp_filter: answer only if the way back to the asker leads by this interface. */
function filtered(device: NetDevice, sender: IPv4, target: IPv4): boolean {
  const stack = device.net.ipv4;
  if (stack.confMax(device, 'arp_filter') === 0) return false;
  const way = routeInput(stack, { destination: sender, source: target, iif: device.ifindex, oif: 0, mark: 0, tos: 0 }, device, 0);
  return 'error' in way || way.device !== device;
}

function learn(device: NetDevice, skb: Skb, operation: number, sender: IPv4, target: IPv4, senderMac: Mac): void {
  const { net } = device;
  const stack = net.ipv4;
  if (sender === 0) return;
  const gratuitous = sender === target && stack.addressType(sender, device) === 'unicast';
  let entry = stack.neighbours.find(device, sender);
  const accepts = device.ipv4.conf.arp_accept || stack.all.arp_accept;
  if (!entry && accepts && gratuitous) entry = stack.neighbours.lookup(device, sender);
  if (!entry) return;
  // For a while after it was set an entry resists a different answer.
  const { locktime } = stack.neighbours.parametersOf(device);
  const override = net.kernel.events.now > entry.updated + locktime || gratuitous;
  const state = operation === ARP_OPERATION.Reply && skb.packetType === 'host' ? 'REACHABLE' : 'STALE';
  entry.update(senderMac, state, { override });
}
