import { percentEncode } from '../../../base/percent.ts';
import { parseRfc3339, plainDate } from '../../../engines/docker/clock.ts';
import type { NetworkRequest, SubnetRequest } from '../../../engines/docker/network/create.ts';
import { parsePrefix, samePrefix } from '../../../base/address.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { compareNaturally } from '../format/natural.ts';
import { NETWORK_CONNECT, NETWORK_CREATE, NETWORK_DISCONNECT, NETWORK_LS, NETWORK_PRUNE, NETWORK_RM } from '../options/networks.ts';
import { fail } from '../output.ts';
import { confirmed } from './confirm.ts';
import { addDriverOption } from './network-options.ts';

interface NetworkSummary {
  Name: string;
  Id: string;
  Created: string;
  Scope: string;
  Driver: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  Internal: boolean;
  Labels: Record<string, string>;
}

function path(network: string, action = ''): string {
  return `/networks/${percentEncode(network)}${action}`;
}

const TABLE = 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}';

function columns(truncate: boolean): ListKind<NetworkSummary> {
  return {
    typeName: '*network.networkContext',
    columns: {
      ID: { heading: 'NETWORK ID', value: (n) => (truncate ? n.Id.slice(0, 12) : n.Id) },
      Name: { heading: 'NAME', value: (n) => n.Name },
      Driver: { heading: 'DRIVER', value: (n) => n.Driver },
      Scope: { heading: 'SCOPE', value: (n) => n.Scope },
      IPv4: { heading: 'IPV4', value: (n) => String(n.EnableIPv4) },
      IPv6: { heading: 'IPV6', value: (n) => String(n.EnableIPv6) },
      Internal: { heading: 'INTERNAL', value: (n) => String(n.Internal) },
      Labels: {
        heading: 'LABELS',
        value: (n) =>
          Object.entries(n.Labels)
            .map(([name, value]) => `${name}=${value}`)
            .join(','),
      },
      Label: { heading: '', value: () => '', argument: (n, name) => n.Labels[name] ?? '' },
      CreatedAt: { heading: 'CREATED AT', value: (n) => createdAt(n.Created) },
    },
  };
}

/** Go's time.String: the fraction stays, the zone is spelled out. */
function createdAt(text: string): string {
  const fraction = /\.\d+(?=Z$)/.exec(text)?.[0] ?? '';
  return `${plainDate(parseRfc3339(text) ?? 0)}${fraction} +0000 UTC`;
}

export const listNetworks: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List networks',
  aliases: 'docker network ls, docker network list',
  flags: NETWORK_LS,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const answer = yield* client.json<NetworkSummary[]>('GET', '/networks', filterQuery(flags.all('filter')));
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    answer.sort((a, b) => compareNaturally(a.Name, b.Name));
    const format = flags.last('format') ?? '';
    const chosen = flags.on('quiet') && format === '' ? '{{.ID}}' : format === '' || format === 'table' ? TABLE : format;
    const rows = formatList(columns(!flags.on('no-trunc')), answer, chosen);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

export const createNetwork: LeafCommand = {
  operands: '[OPTIONS] NETWORK',
  summary: 'Create a network',
  flags: NETWORK_CREATE,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const subnets = subnetRequests(invocation);
    if (typeof subnets === 'string') return yield* fail(invocation, subnets);
    const request: NetworkRequest = {
      Name: operands[0] ?? '',
      Driver: flags.last('driver') ?? 'bridge',
      Internal: flags.on('internal'),
      Attachable: flags.on('attachable'),
      EnableIPv4: flags.on('ipv4', true),
      ...(flags.given('ipv6') ? { EnableIPv6: flags.on('ipv6') } : {}),
      Ingress: flags.on('ingress'),
      Scope: flags.last('scope') ?? '',
      ConfigOnly: flags.on('config-only'),
      ConfigFrom: flags.given('config-from') ? { Network: flags.last('config-from') ?? '' } : null,
      IPAM: { Driver: flags.last('ipam-driver') ?? 'default', Config: subnets, Options: keyValues(flags.all('ipam-opt')) },
      Options: keyValues(flags.all('opt')),
      Labels: keyValues(flags.all('label')),
    };
    const answer = yield* client.json<{ Id: string }>('POST', '/networks/create', {}, request);
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* process.write(1, `${answer.Id}\n`);
    return 0;
  },
};

function keyValues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Puts ranges, gateways and auxiliary addresses to the subnets that they lie in, as the client does. */
function subnetRequests({ flags }: Invocation): SubnetRequest[] | string {
  const split = (name: string): string[] => flags.all(name).flatMap((text) => text.split(','));
  const [subnets, ranges, gateways] = [split('subnet'), split('ip-range'), split('gateway')];
  const auxiliary = Object.entries(keyValues(split('aux-address')));
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    return 'every ip-range or gateway must have a corresponding subnet';
  const requests: SubnetRequest[] = subnets.map((subnet) => ({ Subnet: subnet }));
  const find = (text: string): SubnetRequest | undefined => {
    const inner = parsePrefix(text);
    return requests.find(({ Subnet = '' }) => {
      const outer = parsePrefix(Subnet);
      return inner && outer && samePrefix(inner.address, outer.address, outer.length);
    });
  };
  for (const range of ranges) {
    if (!range.includes('/') || !parsePrefix(range)) return `invalid CIDR address: ${range}`;
    const request = find(range);
    if (!request) return `no matching subnet for range ${range}`;
    request.IPRange = range;
  }
  for (const gateway of gateways) {
    const request = find(gateway);
    if (!request) return `no matching subnet for gateway ${gateway}`;
    request.Gateway = gateway;
  }
  for (const [name, address] of auxiliary) {
    const request = find(address);
    if (!request) return `no matching subnet for aux-address ${address}`;
    request.AuxiliaryAddresses = { ...request.AuxiliaryAddresses, [name]: address };
  }
  return requests;
}

export const removeNetworks: LeafCommand = {
  operands: 'NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  aliases: 'docker network rm, docker network remove',
  flags: NETWORK_RM,
  arity: { least: 1 },
  completes: ['network'],
  run: function* (invocation) {
    const { client, operands, process, flags } = invocation;
    let failed = false;
    for (const network of operands) {
      const answer = yield* client.send({ method: 'DELETE', path: path(network) });
      if (!(answer instanceof ApiFailure)) yield* process.write(1, `${network}\n`);
      else if (!(flags.on('force') && answer.status === 404)) {
        yield* process.write(2, `${answer.message}\n`);
        failed = true;
      }
    }
    // The real command ends with an error that has no words of its own.
    return failed ? yield* fail(invocation, 'exit status 1') : 0;
  },
};

export const connect: LeafCommand = {
  operands: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Connect a container to a network',
  flags: NETWORK_CONNECT,
  arity: { exactly: 2 },
  completes: ['network', 'container'],
  run: (invocation) => {
    const { flags } = invocation;
    const [ip, ip6] = [flags.last('ip'), flags.last('ip6')];
    const linkLocal = flags.all('link-local-ip').flatMap((text) => text.split(','));
    const DriverOpts: Record<string, string> = {};
    for (const text of flags.all('driver-opt')) {
      const problem = addDriverOption(DriverOpts, text);
      if (problem) return fail(invocation, problem);
    }
    return change(invocation, '/connect', {
      EndpointConfig: {
        IPAMConfig: {
          ...(ip === undefined ? {} : { IPv4Address: ip }),
          ...(ip6 === undefined ? {} : { IPv6Address: ip6 }),
          ...(linkLocal.length > 0 ? { LinkLocalIPs: linkLocal } : {}),
        },
        Links: flags.given('link') ? flags.all('link') : null,
        Aliases: flags.all('alias').flatMap((text) => text.split(',')),
        DriverOpts,
        GwPriority: Number(flags.last('gw-priority') ?? 0),
      },
    });
  },
};

export const disconnect: LeafCommand = {
  operands: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Disconnect a container from a network',
  flags: NETWORK_DISCONNECT,
  arity: { exactly: 2 },
  completes: ['network', 'container'],
  run: (invocation) => change(invocation, '/disconnect', { Force: invocation.flags.on('force') }),
};

function* change(invocation: Invocation, action: string, body: Record<string, unknown>): Blocking<number> {
  const [network = '', container = ''] = invocation.operands;
  const answer = yield* invocation.client.send({ method: 'POST', path: path(network, action), body: { Container: container, ...body } });
  return answer instanceof ApiFailure ? yield* fail(invocation, answer.message) : 0;
}

export const pruneNetworks: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Remove all unused networks',
  flags: NETWORK_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    if (!(yield* confirmed(invocation, 'WARNING! This will remove all custom networks not used by at least one container.'))) return 0;
    const answer = yield* invocation.client.json<{ NetworksDeleted: string[] | null }>(
      'POST',
      '/networks/prune',
      filterQuery(invocation.flags.all('filter')),
    );
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    if (answer.NetworksDeleted)
      yield* invocation.process.write(1, `Deleted Networks:\n${answer.NetworksDeleted.map((name) => `${name}\n`).join('')}\n`);
    return 0;
  },
};
