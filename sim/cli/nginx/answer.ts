import { samePrefix } from '../../base/address.ts';
import type { Blocking } from '../../host/wait.ts';
import { findLocation, slashRedirect } from './choose.ts';
import { contentType, type Outcome, serveFiles, tryFiles } from './content.ts';
import { proxy } from './proxy.ts';
import { CLOSING, pageReply, type Reply, textReply } from './reply.ts';
import type { Request } from './request.ts';
import { rewrite } from './rewrite.ts';
import type { AccessRule, Scope } from './scope.ts';
import { escapeUri } from './uri.ts';

/** How often a request may change its URI before it is taken for a loop. */
const MAX_REDIRECTS = 10;

/** Takes a request through the phases: rewriting, access, content; and once more for pages of errors. */
export function* answer(request: Request): Blocking<Reply> {
  let outcome = runServerSteps(request) ?? (yield* fromLocation(request));
  // An error page that can't be had isn't looked for again.
  let page: { status: number; overwrite: number | undefined } | undefined;
  for (;;) {
    if ('redirect' in outcome) {
      if (++request.redirects > MAX_REDIRECTS) {
        request.worker.log('error', `rewrite or internal redirection cycle while internally redirecting to "${outcome.redirect}"`, request);
        return finish(request, pageReply(request, 500), page);
      }
      outcome = yield* redirected(request, outcome);
      continue;
    }
    if ('page' in outcome) {
      const { page: status } = outcome;
      const next = page === undefined || request.scope.on('recursive_error_pages', false) ? errorTarget(request, status) : undefined;
      if (!next)
        return finish(
          request,
          pageReply(request, page?.status ?? status),
          page === undefined ? undefined : { ...page, overwrite: undefined },
        );
      page = { status, overwrite: next.overwrite };
      if ('reply' in next) return next.reply;
      outcome = { redirect: next.target, args: next.args };
      if (request.method !== 'HEAD') request.method = 'GET';
      continue;
    }
    return finish(request, outcome, page);
  }
}

/** A page of an error is sent with the status of the error, unless `=` says otherwise. */
function finish(request: Request, reply: Reply, page: { status: number; overwrite: number | undefined } | undefined): Reply {
  if (CLOSING.has(reply.status)) request.close = true;
  if (!page || reply.status !== 200) return reply;
  const status = page.overwrite === undefined ? page.status : page.overwrite === -1 ? reply.status : page.overwrite;
  return { ...reply, status };
}

function errorTarget(
  request: Request,
  status: number,
): { target: string; args: string; overwrite: number | undefined } | { reply: Reply; overwrite: number | undefined } | undefined {
  const pages = request.scope.nearest((scope) => scope.errorPages) ?? [];
  const found = pages.find((candidate) => candidate.statuses.includes(status));
  if (!found) return undefined;
  const text = request.expand(found.target);
  const { overwrite } = found;
  if (!text.startsWith('/') && !text.startsWith('@')) {
    const redirect = overwrite !== undefined && [301, 302, 303, 307, 308].includes(overwrite) ? overwrite : 302;
    return { reply: { ...pageReply(request, redirect), headers: [['Location', text]] }, overwrite };
  }
  const question = text.indexOf('?');
  return question < 0
    ? { target: text, args: request.args, overwrite }
    : { target: text.slice(0, question), args: text.slice(question + 1), overwrite };
}

function runServerSteps(request: Request): Outcome | undefined {
  const result = rewrite(request, request.server);
  return result && result.kind !== 'search' && result.kind !== 'break' ? stepped(request, result) : undefined;
}

function* redirected(request: Request, { redirect, args }: { redirect: string; args?: string }): Blocking<Outcome> {
  request.internal = true;
  if (args !== undefined) request.args = args;
  if (redirect.startsWith('@')) {
    const named = request.server.locations.find((location) => location.path === redirect);
    if (!named) {
      request.worker.log('error', `could not find named location "${redirect}"`, request);
      return { page: 500 };
    }
    request.scope = named;
    return yield* inLocation(request);
  }
  request.uri = redirect;
  return yield* fromLocation(request);
}

function* fromLocation(request: Request): Blocking<Outcome> {
  const location = findLocation(request, request.server);
  request.scope = location;
  if (location.given.has('internal') && !request.internal) return { page: 404 };
  if (slashRedirect(request, request.server)) {
    const args = request.args === '' ? '' : `?${request.args}`;
    return { status: 301, location: `${escapeUri(request.uri)}/${args}`, headers: [] };
  }
  return yield* inLocation(request);
}

function* inLocation(request: Request): Blocking<Outcome> {
  if (request.scope.context === 'location') {
    const result = rewrite(request, request.scope);
    if (result?.kind === 'search') return { redirect: request.uri };
    if (result && result.kind !== 'break') return stepped(request, result);
  }
  const denied = checkAccess(request, request.scope);
  if (denied) return denied;
  return tryFiles(request) ?? (yield* content(request));
}

function stepped(request: Request, result: Extract<ReturnType<typeof rewrite>, { kind: 'return' | 'redirect' }>): Outcome {
  if (result.kind === 'redirect') return { ...pageReply(request, result.status), ...asLocation(result.location) };
  const { status, text } = result;
  if (status === 444) return { status, headers: [], drop: true };
  const value = text ? request.expand(text) : undefined;
  if ([301, 302, 303, 307, 308].includes(status) && value !== undefined) return { ...pageReply(request, status), ...asLocation(value) };
  if (value === undefined) return status >= 300 ? { page: status } : { ...pageReply(request, status) };
  return textReply(status, value, contentType(request));
}

/** A path is made absolute and sent early; a whole URL is a header like any other. */
function asLocation(location: string): Pick<Reply, 'location' | 'headers'> {
  return location.startsWith('/') ? { location, headers: [] } : { headers: [['Location', location]] };
}

/** `allow` and `deny`: the first rule that fits. */
function checkAccess(request: Request, scope: Scope): Outcome | undefined {
  const rules: readonly AccessRule[] = scope.nearest((block) => block.access) ?? [];
  const client = request.client.address;
  const rule = rules.find(
    ({ prefix }) => !prefix || (typeof prefix.address === typeof client && samePrefix(prefix.address, client, prefix.length)),
  );
  if (!rule || rule.allow) return undefined;
  request.worker.log('error', 'access forbidden by rule', request);
  return { page: 403 };
}

function* content(request: Request): Blocking<Outcome> {
  const pass = request.scope.context === 'location-if' ? request.scope.nearest((scope) => scope.pass) : request.scope.pass;
  if (pass) return yield* proxy(request, pass);
  if (request.scope.given.has('stub_status')) return status(request);
  return serveFiles(request);
}

/** `stub_status`. */
function status(request: Request): Outcome {
  if (!['GET', 'HEAD'].includes(request.method)) return { page: 405 };
  const { active, accepted, requests, writing } = request.worker.shared;
  const text = `Active connections: ${active} \nserver accepts handled requests\n ${accepted} ${accepted} ${requests} \nReading: 0 Writing: ${writing} Waiting: ${active - writing} \n`;
  return textReply(200, text, 'text/plain');
}
