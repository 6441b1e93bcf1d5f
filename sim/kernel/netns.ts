import type { Kernel } from './kernel.ts';

/** A network namespace (network_namespaces(7)). */
export class NetNamespace {
  readonly kernel: Kernel;
  readonly uid: number;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.uid = kernel.ids.nextNetns();
  }
}
