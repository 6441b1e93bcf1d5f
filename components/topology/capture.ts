import { pageSession } from '../session/page.ts';
import type { CapturePoint, Topology } from '../../sim/index.ts';
import { namesOf } from './words.ts';

/** Offers what passed a device as a capture file, for Wireshark or `tcpdump -r`. There is something to save once the world runs. */
export class CaptureMenu {
  readonly element = document.createElement('select');
  #points: CapturePoint[] = [];

  constructor() {
    this.element.className = 'nd-capture';
    this.element.setAttribute('aria-label', 'Save a capture of a device');
    this.element.addEventListener('change', () => void this.#save());
  }

  /** Lists the devices that there are now. */
  update(topology: Topology): void {
    const names = namesOf(topology);
    this.#points = [];
    this.element.replaceChildren(new Option('Save a capture …', ''));
    for (const host of topology.hosts) {
      if (host.kind) continue;
      for (const namespace of host.namespaces)
        for (const device of namespace.devices) {
          if (!device.up) continue;
          this.element.append(new Option(names.get(device.uid) ?? device.name, String(this.#points.length)));
          this.#points.push({
            host: host.name,
            device: device.name,
            ...(namespace.kind === 'host' ? {} : { namespace: namespace.name }),
          });
        }
    }
  }

  async #save(): Promise<void> {
    const { value } = this.element;
    const point = this.#points[Number(value)];
    this.element.value = '';
    if (value === '' || !point) return;
    const bytes = await pageSession().capture(point);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/vnd.tcpdump.pcap' }));
    link.download = `${[point.host, point.namespace, point.device].filter(Boolean).join('-')}.pcap`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
