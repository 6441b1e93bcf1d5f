import { SECOND } from '../../base/time.ts';
import type { AddressInfo, AddressSpec, Scope } from '../../host/netlink/messages.ts';
import type { Blocking } from '../../host/wait.ts';
import { printAddress } from './address-print.ts';
import {
  addressBytes,
  type Asked,
  MULTI,
  attribute,
  message,
  readAddress,
  readAttributes,
  readText,
  readUnsigned,
  textBytes,
  unsigned,
} from './message-bytes.ts';
import { addressProtocol, addressProtocolNumber, scopeName, scopeOf } from './names.ts';
import { asked, refuseTerminal, type Saving, save, saved } from './saved-messages.ts';
import type { Tool } from './tool.ts';
import { familyOf } from './values.ts';

/** `ipadd_dump_magic`. */
const ADDRESSES: Saving = { what: 'address', magic: 0x47361222, status: 255 };

/** RTM_NEWADDR. */
const NEW_ADDRESS = 20;

/** IFA_*, IFA_F_* of include/uapi/linux/if_addr.h. */
const IFA = { address: 1, local: 2, label: 3, broadcast: 4, cacheinfo: 6, flags: 8, priority: 9, protocol: 11 };
const FLAG = { secondary: 1, nodad: 2, dadFailed: 8, deprecated: 0x20, tentative: 0x40, permanent: 0x80, noprefixroute: 0x200 };
const NAMED_FLAGS: Readonly<Record<string, number>> = { optimistic: 4, home: 0x10, mngtmpaddr: 0x100, autojoin: 0x400 };
const FOREVER = 0xffff_ffff;

/** `ip addr save`: addresses as the kernel dumps them, each family's by itself. Only the device and the family narrow it. */
export function saveAddresses(tool: Tool, ifindex: number | undefined): number {
  refuseTerminal(tool);
  const families = tool.family === 0 ? ([4, 6] as const) : [tool.family];
  const chosen = families
    .flatMap((family) => tool.netlink.addresses(family))
    .filter((each) => ifindex === undefined || each.ifindex === ifindex);
  save(tool, [unsigned(ADDRESSES.magic, 4), ...chosen.map((each) => addressMessage(each, asked(tool, MULTI)))]);
  return 0;
}

/** An address as inet_fill_ifaddr and inet6_fill_ifaddr write it. */
function addressMessage(info: AddressInfo, request: Asked): Uint8Array {
  const family = familyOf(info.prefix.address);
  const flags = flagBits(info);
  const own = addressBytes(info.prefix.address);
  const peer = info.peer === undefined ? undefined : addressBytes(info.peer);
  const fixed = Uint8Array.from([
    family === 4 ? 2 : 10,
    info.prefix.length,
    flags & 0xff,
    Number(scopeName(info.scope, true)),
    ...unsigned(info.ifindex, 4),
  ]);
  const protocol = info.protocol === undefined ? [] : [attribute(IFA.protocol, unsigned(addressProtocolNumber(info.protocol), 1))];
  const flagWords = attribute(IFA.flags, unsigned(flags, 4));
  const priority = info.metric === undefined ? [] : [attribute(IFA.priority, unsigned(info.metric, 4))];
  const attributes =
    family === 4
      ? [
          attribute(IFA.address, peer ?? own),
          attribute(IFA.local, own),
          ...(info.broadcast === undefined ? [] : [attribute(IFA.broadcast, addressBytes(info.broadcast))]),
          ...(info.label === undefined ? [] : [attribute(IFA.label, textBytes(info.label))]),
          ...protocol,
          flagWords,
          ...priority,
          cacheInfo(info),
        ]
      : [
          ...(peer ? [attribute(IFA.local, own), attribute(IFA.address, peer)] : [attribute(IFA.address, own)]),
          ...priority,
          cacheInfo(info),
          flagWords,
          ...protocol,
        ];
  return message(NEW_ADDRESS, fixed, attributes, request);
}

function flagBits(info: AddressInfo): number {
  const further = (info.flags ?? []).reduce((bits, name) => bits | (NAMED_FLAGS[name] ?? 0), 0);
  const own: [boolean | undefined, number][] = [
    [info.secondary, FLAG.secondary],
    [info.nodad, FLAG.nodad],
    [info.dadFailed, FLAG.dadFailed],
    [info.preferredLifetime === 0, FLAG.deprecated],
    [info.tentative, FLAG.tentative],
    [info.permanent, FLAG.permanent],
    [info.noprefixroute, FLAG.noprefixroute],
  ];
  return own.reduce((bits, [set, flag]) => bits | (set ? flag : 0), further);
}

/** struct ifa_cacheinfo: both lifetimes in seconds, then when it was made and changed, in hundredths of a second. */
function cacheInfo({ preferredLifetime, validLifetime, since = 0 }: AddressInfo): Uint8Array {
  const stamp = Math.floor(since / (SECOND / 100));
  return attribute(
    IFA.cacheinfo,
    Uint8Array.from([preferredLifetime ?? FOREVER, validLifetime ?? FOREVER, stamp, stamp].flatMap((value) => [...unsigned(value, 4)])),
  );
}

function* savedAddresses(tool: Tool): Blocking<AddressInfo[]> {
  const messages = yield* saved(tool, ADDRESSES);
  return messages.filter(({ type }) => type === NEW_ADDRESS).map(({ body }) => readAddressInfo(body));
}

function readAddressInfo(body: Uint8Array): AddressInfo {
  const attributes = readAttributes(body.subarray(8));
  const bytes = (type: number): Uint8Array => attributes.get(type) ?? new Uint8Array();
  const [own, other] = [readAddress(bytes(IFA.local)), readAddress(bytes(IFA.address))];
  const local = attributes.has(IFA.local) ? own : other;
  const flags = attributes.has(IFA.flags) ? readUnsigned(bytes(IFA.flags)) : (body[2] ?? 0);
  const lifetime = (at: number): number | undefined => {
    const seconds = attributes.has(IFA.cacheinfo) ? readUnsigned(bytes(IFA.cacheinfo), at, 4) : FOREVER;
    return seconds === FOREVER ? undefined : seconds;
  };
  const [preferred, valid] = [lifetime(0), lifetime(4)];
  const named = Object.keys(NAMED_FLAGS).filter((name) => (flags & (NAMED_FLAGS[name] ?? 0)) !== 0);
  return {
    ifindex: readUnsigned(body, 4, 4),
    prefix: { address: local, length: body[1] ?? 0 },
    ...(local === other ? {} : { peer: other }),
    ...(attributes.has(IFA.broadcast) ? { broadcast: readAddress(bytes(IFA.broadcast)) } : {}),
    scope: (scopeOf(String(body[3])) ?? 'global') as Scope,
    ...(attributes.has(IFA.label) ? { label: readText(bytes(IFA.label)) } : {}),
    secondary: (flags & FLAG.secondary) !== 0,
    permanent: (flags & FLAG.permanent) !== 0,
    tentative: (flags & FLAG.tentative) !== 0,
    dadFailed: (flags & FLAG.dadFailed) !== 0,
    nodad: (flags & FLAG.nodad) !== 0,
    noprefixroute: (flags & FLAG.noprefixroute) !== 0,
    ...(named.length > 0 ? { flags: named } : {}),
    ...(attributes.has(IFA.priority) ? { metric: readUnsigned(bytes(IFA.priority)) } : {}),
    ...(attributes.has(IFA.protocol) ? { protocol: addressProtocol(String(readUnsigned(bytes(IFA.protocol)))) } : {}),
    ...(valid === undefined ? {} : { validLifetime: valid }),
    ...(preferred === undefined ? {} : { preferredLifetime: preferred }),
  };
}

/** `ip addr showdump`: each under the number of its interface. */
export function* showSavedAddresses(tool: Tool): Blocking<number> {
  const all = yield* savedAddresses(tool);
  const report = tool.report();
  report.object('', () =>
    report.list('addr_info', () => {
      for (const info of all) {
        report.object('', () => {
          report.field('index', info.ifindex, `if${info.ifindex}:\n`);
          printAddress(tool, report, info, false);
        });
      }
    }),
  );
  report.end();
  return 0;
}

/** The exit status of `-2`, with which libnetlink reports a refusal. */
const EXIT_MINUS_TWO = 254;

/** `ip addr restore`: what is there already is told and passed over, any other refusal ends it. */
export function* restoreAddresses(tool: Tool): Blocking<number> {
  for (const info of yield* savedAddresses(tool)) {
    const failed = tool.netlink.newAddress(restoringSpec(info), 'add');
    tool.outcome(failed);
    if (failed && failed.errno !== 'EEXIST') return EXIT_MINUS_TWO;
  }
  return 0;
}

function restoringSpec(info: AddressInfo): AddressSpec {
  const {
    ifindex,
    prefix,
    peer,
    broadcast,
    scope,
    label,
    noprefixroute,
    nodad,
    flags,
    metric,
    protocol,
    validLifetime,
    preferredLifetime,
  } = info;
  return {
    ifindex,
    prefix,
    scope,
    noprefixroute,
    ...(peer === undefined ? {} : { peer }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === undefined ? {} : { label }),
    ...(nodad ? { nodad } : {}),
    ...(flags ? { flags } : {}),
    ...(metric === undefined ? {} : { metric }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(validLifetime === undefined ? {} : { validLifetime }),
    ...(preferredLifetime === undefined ? {} : { preferredLifetime }),
  };
}
