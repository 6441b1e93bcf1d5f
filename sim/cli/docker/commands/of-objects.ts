/** What is loaded together: commands that list and describe, and those for images, networks and volumes. */
export { history, pruneImages, tag } from './image-names.ts';
export { images, rmi } from './images.ts';
export { inspect, inspectContainer, inspectImage, inspectNetwork, inspectVolume } from './inspect.ts';
export { connect, createNetwork, disconnect, listNetworks, pruneNetworks, removeNetworks } from './networks.ts';
export { port } from './port.ts';
export { ps } from './ps.ts';
export { top } from './top.ts';
export { createVolume, listVolumes, pruneVolumes, removeVolumes } from './volumes.ts';
