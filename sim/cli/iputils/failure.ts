import type { IP } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';

/** What the program must say and end with instead of going on. */
export class PingFailure {
  readonly text: string;
  readonly status: number;
  /** Another address of the name may do better. */
  readonly unreachable: boolean;

  constructor(text: string, status = 2, unreachable = false) {
    this.text = text;
    this.status = status;
    this.unreachable = unreachable;
  }
}

/** connect(2) failed, which says that there is no way to the destination. */
export function unreachable(program: string, errno: Errno): PingFailure {
  const elsewhere = errno === 'EHOSTUNREACH' || errno === 'ENETUNREACH';
  return new PingFailure(`${program}: connect: ${strerror(errno)}\n`, 2, elsewhere);
}

/** What is settled before the first packet. */
export interface Ready<Address extends IP = IP> {
  destination: Address;
  source: Address;
  multicast: boolean;
}
