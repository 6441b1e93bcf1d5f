import type { RouteInfo } from '../../host/netlink/messages.ts';
import type { Blocking } from '../../host/wait.ts';
import { FILTERED, MULTI, unsigned } from './message-bytes.ts';
import { printRoute } from './route-print.ts';
import { asked, refuseTerminal, save, saved, type Saving, seekable } from './saved-messages.ts';
import { NEW_ROUTE, readRoute, restoringSpec, routeMessage, type SavedRoute } from './saved-routes.ts';
import { Report } from './report.ts';
import type { Tool } from './tool.ts';

/** `route_dump_magic`. */
const ROUTES: Saving = { what: 'route', magic: 0x45311224, status: 1 };

/** What a file of routes begins with; it is written before the arguments are read. */
export function beginSaving(tool: Tool): void {
  refuseTerminal(tool);
  save(tool, [unsigned(ROUTES.magic, 4)]);
}

/** `ip route save`: the routes that `ip route show` would list, as the kernel's own messages. */
export function saveRoutes(tool: Tool, routes: readonly RouteInfo[]): void {
  const { now } = tool.process.host;
  save(
    tool,
    routes.map((route) => routeMessage(route, asked(tool, MULTI | FILTERED), now)),
  );
}

function* savedRoutes(tool: Tool): Blocking<SavedRoute[]> {
  const messages = yield* saved(tool, ROUTES);
  const { now } = tool.process.host;
  return messages.filter(({ type }) => type === NEW_ROUTE).flatMap(({ body }) => readRoute(body, now) ?? []);
}

/** `ip route showdump`: always text. */
export function* showSavedRoutes(tool: Tool): Blocking<number> {
  const report = new Report(false, false, tool.print, tool.options.color);
  for (const { info } of yield* savedRoutes(tool)) printRoute(tool, report, info);
  return 0;
}

/** `ip route restore`: in three readings of the file, so that routers are reachable before routes go by them. The first refusal ends it. */
export function* restoreRoutes(tool: Tool): Blocking<number> {
  const routes = yield* savedRoutes(tool);
  if (!seekable(tool)) return 1;
  for (const round of [0, 1, 2]) {
    for (const { info } of routes.filter((route) => route.round === round)) {
      const failed = tool.netlink.newRoute(restoringSpec(info, tool.process.host.now), 'prepend');
      tool.outcome(failed);
      if (failed && failed.errno !== 'EEXIST') return 2;
    }
  }
  return 0;
}
