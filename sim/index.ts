/** The simulation's public entry: all that the site, its components, the lab and the tests of whole worlds use. */
export { decodeChunk, type TraceChunk, type TraceEvent, TraceKind, type TraceKindValue } from './base/trace.ts';
export type { Micros } from './base/time.ts';
export { sentenceOf } from './trace/explain.ts';
export { type Journey, journeyOf, type Step as JourneyStep } from './trace/journey.ts';
export { type RuleLine, ruleLines } from './trace/rule-line.ts';
export { summarise, type Summary } from './trace/summarise.ts';
export { type CapturePoint, UnknownCapturePoint } from './world/capture.ts';
export type { Console, Run } from './world/console.ts';
export type { Input, Moment, Recording, WorldInput } from './world/input.ts';
export type { Terminal, TerminalOptions } from './world/terminal.ts';
export type { Topology, TopologyDevice, TopologyHost, TopologyLink, TopologyNamespace } from './world/topology.ts';
export { type Limits, type Outcome, RUN_LIMITS, scenarios, UnknownHost, UnknownScenario, World } from './world/world.ts';
