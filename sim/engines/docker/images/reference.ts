import { invalid, type Refusal } from '../refusal.ts';

/** A parsed image reference (distribution/reference): the familiar name and the tag or digest. */
export interface Reference {
  /** As people write it: `busybox`, `ghcr.io/x/y`. */
  repository: string;
  /** The registry's host: `docker.io` unless the name says another. */
  domain: string;
  tag?: string;
  digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const DOMAIN =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const PATTERN = new RegExp(
  `^(?<name>(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+:[0-9a-fA-F]{32,}))?$`,
);

/** Parses what follows `docker run`; the errors are the reference library's. */
export function parseReference(text: string): Reference | Refusal {
  const match = PATTERN.exec(text);
  const name = match?.groups?.name;
  if (!name) {
    // Capitals are the one mistake with an explanation of its own.
    const lower = PATTERN.exec(text.toLowerCase());
    if (!lower) return invalid('invalid reference format');
    const written = text.slice(0, (lower.groups?.name ?? '').length);
    return invalid(
      `invalid reference format: repository name (${written.includes('/') ? written : `library/${written}`}) must be lowercase`,
    );
  }
  const first = name.split('/')[0] as string;
  const hasDomain = name.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const familiar =
    hasDomain && first === 'docker.io' ? name.slice('docker.io/'.length).replace(/^library\//, '') : name.replace(/^library\//, '');
  const { tag, digest } = match.groups ?? {};
  return { repository: familiar, domain: hasDomain ? first : 'docker.io', ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** `busybox:latest`: the name with the tag that a missing one stands for. */
export function withTag(reference: Reference): string {
  if (reference.digest) return `${reference.repository}@${reference.digest}`;
  return `${reference.repository}:${reference.tag ?? 'latest'}`;
}
