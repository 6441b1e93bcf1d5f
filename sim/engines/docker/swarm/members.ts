/** What a daemon needs once it has to do with a swarm; loaded then. */
export { Agent, dial } from './agent.ts';
export { describeMembership, describeSwarmNetwork } from './describe.ts';
export { formatToken, hexDigest, parseToken } from './identity.ts';
export { CONTROL_PORT, Manager } from './manager.ts';
