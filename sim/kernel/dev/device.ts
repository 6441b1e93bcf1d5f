/** Placeholder of the shape; filled in with the devices. */
export abstract class NetDevice {}
