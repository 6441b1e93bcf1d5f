import type { Scenario } from '../scenario.ts';
import { bgp } from './bgp.ts';
import { docker, dockerLan, dockerNeighbour } from './docker.ts';
import { lan } from './lan.ts';
import { linux } from './linux.ts';
import { router } from './router.ts';

/** Every world there is. Adding one: its file, an import and a line here. */
export const SCENARIOS: readonly Scenario[] = [bgp, docker, dockerLan, dockerNeighbour, lan, linux, router];
