import type { Program } from '../../host/process.ts';
import { busyboxDialect } from '../tool/dialect.ts';
import { type Tool, toolProgram } from '../tool/tool.ts';
import { BANNER, USAGE } from './usage.ts';

/** The text tools speak busybox's dialect here. */
const dialect = busyboxDialect({ banner: BANNER, usage: (applet) => USAGE[applet] });

/** A text tool as an applet. */
export function appletProgram(tool: Tool): Program {
  return toolProgram(tool, dialect);
}
