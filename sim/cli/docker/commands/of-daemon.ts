/** What is loaded together: commands about the daemon and the client. */
export { inspectContexts, listContexts, showContext, useContext } from './context.ts';
export { diskUsage, pruneBuilder, pruneSystem } from './disk.ts';
export { events } from './events.ts';
export { info, VERSION_LINE, version } from './system.ts';
