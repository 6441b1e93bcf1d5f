/** What is loaded together: commands about a swarm. */
export { demoteNodes, inspectNodes, listNodes, nodeTasks, promoteNodes, removeNodes, updateNode } from './nodes.ts';
export {
  createService,
  inspectServices,
  listServices,
  removeServices,
  rollbackService,
  scaleServices,
  serviceLogs,
  serviceTasks,
  updateService,
} from './services.ts';
export { initSwarm, joinSwarm, joinToken, leaveSwarm, swarmCa, unlockKey, unlockSwarm, updateSwarm } from './swarm.ts';
