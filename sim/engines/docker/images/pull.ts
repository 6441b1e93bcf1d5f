import { formatIP, parseIP } from '../../../base/address.ts';
import { MILLISECOND, SECOND } from '../../../base/time.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { parseResolvConf } from '../network/resolv-conf.ts';
import { notFound, Refusal } from '../refusal.ts';
import { type Reference, withTag } from './reference.ts';

/** One line of what a pull streams. */
export interface PullMessage {
  id?: string;
  status: string;
}

/** A registry's answer and a layer's way, on a LAN. */
const MANIFEST_TIME = 50 * MILLISECOND;
const BYTES_PER_SECOND = 100_000_000;

/** How long Go's resolver waits for a server that doesn't answer: two attempts of five seconds. */
const LOOKUP_TIME = 10 * SECOND;

/** Fetches an image. The registry is the world's own: no packet is sent for what it has, and what it doesn't have is looked for in vain. */
export function* pullImage(engine: Engine, reference: Reference): Blocking<PullMessage[] | Refusal> {
  const { repository, domain } = reference;
  if (domain !== 'docker.io') return yield* unreachable(engine, domain);
  if (!engine.images.knows(repository)) return yield* unreachable(engine, 'registry-1.docker.io');
  yield { on: [], until: engine.host.now + MANIFEST_TIME };
  const wanted = reference.tag ?? 'latest';
  const definition = reference.digest ? undefined : engine.images.published(repository, wanted);
  const path = repository.includes('/') ? repository : `library/${repository}`;
  if (!definition) return notFound(`manifest for ${withTag(reference)} not found: manifest unknown: manifest unknown`);
  const messages: PullMessage[] = [{ id: wanted, status: `Pulling from ${path}` }];
  const name = `${repository}:${wanted}`;
  const known = engine.images.find(name);
  if (!known) {
    yield { on: [], until: engine.host.now + Math.ceil((definition.size / BYTES_PER_SECOND) * SECOND) };
    const image = engine.images.add(definition, engine.host.now);
    const id = image.id.slice(52);
    for (const status of ['Pulling fs layer', 'Verifying Checksum', 'Download complete', 'Pull complete']) messages.push({ id, status });
    engine.events.log(engine.host.now, 'image', 'pull', name, { name: repository });
  }
  messages.push({ status: `Digest: ${engine.images.digest(definition)}` });
  messages.push({ status: known ? `Status: Image is up to date for ${name}` : `Status: Downloaded newer image for ${name}` });
  return messages;
}

/** A registry whose name nobody resolves: what Go says after asking the host's first name server. */
function* unreachable(engine: Engine, domain: string): Blocking<Refusal> {
  const [host = domain] = domain.split(':');
  const failed = (why: string): Refusal => new Refusal(500, `Get "https://${domain}/v2/": dial tcp: ${why}`);
  const [server] = parseResolvConf(engine.hostFile('/etc/resolv.conf')).nameservers;
  const port = 32_768 + engine.random(`lookup/${engine.serial('lookup')}`).below(28_232);
  const address = server === undefined ? undefined : parseIP(server);
  const route = typeof address === 'number' ? engine.netlink.getRoute({ destination: address }) : undefined;
  if (server === undefined || address === undefined) {
    return failed(`lookup ${host} on [::1]:53: read udp [::1]:${port}->[::1]:53: read: connection refused`);
  }
  yield { on: [], until: engine.host.now + LOOKUP_TIME };
  const from = formatIP((route && 'preferredSource' in route ? route.preferredSource : undefined) ?? 0);
  return failed(`lookup ${host} on ${server}:53: read udp ${from}:${port}->${server}:53: i/o timeout`);
}
