/** A packet under test, as a BPF program sees it. Reading past its end ends the test with "no", whatever the expression says. */
export class Subject {
  b: Uint8Array = new Uint8Array(0);
  /** On the wire; `b` may be shorter. */
  length = 0;
  /** Of live captures. */
  outgoing = false;
  ifindex = 0;
  /** Set by reads past the end, divisions by zero and the like. */
  failed = false;

  u8(at: number): number {
    if (at + 1 > this.b.length) return this.fail();
    return this.b[at] as number;
  }

  u16(at: number): number {
    if (at + 2 > this.b.length) return this.fail();
    return ((this.b[at] as number) << 8) | (this.b[at + 1] as number);
  }

  u32(at: number): number {
    if (at + 4 > this.b.length) return this.fail();
    return ((this.u16(at) << 16) | this.u16(at + 2)) >>> 0;
  }

  fail(): 0 {
    this.failed = true;
    return 0;
  }
}

export type Test = (packet: Subject) => boolean;
export type Value = (packet: Subject) => number;

// `failed` must stay as the first wrong read left it, and what it decides doesn't depend on what is tested afterwards: the order is free.

export function both(left: Test, right: Test): Test {
  return (packet) => left(packet) && !packet.failed && right(packet);
}

export function either(left: Test, right: Test): Test {
  return (packet) => left(packet) || (!packet.failed && right(packet));
}

export function anyOf(tests: readonly Test[]): Test {
  return tests.reduce(either);
}

export const NEVER: Test = () => false;
