import { type Extensions, noParts, type Stored } from './element.ts';
import { type Found, IpSet } from './set.ts';
import type { SetError } from './types.ts';

const BASE_MEMORY = 80;
/** struct set_elem. */
const ELEMENT_SIZE = 48;
const MIN_SIZE = 4;
const DEFAULT_SIZE = 8;

/** The member beside which another is, or is to be. */
export interface Anchor {
  set: IpSet;
  before: boolean;
}

/** A member of a list:set. The set is held by object: renaming and swapping don't touch it. */
export interface Member extends Stored {
  set: IpSet;
}

/** list:set: sets in an order, tried one after the other (net/netfilter/ipset/ip_set_list_set.c). */
export class ListSet extends IpSet {
  readonly #members: Member[] = [];

  #live(): Member[] {
    return this.#members.filter((member) => this.alive(member));
  }

  addMember(set: IpSet, reference: Anchor | undefined, extensions: Extensions, exist: boolean): SetError | undefined {
    const refused = this.refuses(extensions);
    if (refused) return refused;
    const live = this.#live();
    const anchor = reference && live.find((member) => member.set === reference.set);
    if (reference && !anchor) return 'REF_EXIST';
    const old = live.find((member) => member.set === set);
    if (old) {
      if (!exist) return 'EEXIST';
      this.change(old, extensions);
      return undefined;
    }
    const member: Member = { ...this.make(noParts(), [], extensions), set };
    if (!anchor) this.#members.push(member);
    else this.#members.splice(this.#members.indexOf(anchor) + (reference?.before ? 0 : 1), 0, member);
    return undefined;
  }

  removeMember(set: IpSet, reference: Anchor | undefined): SetError | undefined {
    const at = this.#position(set, reference);
    if (at === undefined) return reference ? 'REF_EXIST' : 'EEXIST';
    this.#members.splice(this.#members.indexOf(at), 1);
    return undefined;
  }

  testMember(set: IpSet, reference: Anchor | undefined): Member | undefined {
    return this.#position(set, reference);
  }

  #position(set: IpSet, reference: Anchor | undefined): Member | undefined {
    const live = this.#live();
    const at = live.findIndex((member) => member.set === set);
    if (at < 0) return undefined;
    if (reference && live[at + (reference.before ? 1 : -1)]?.set !== reference.set) return undefined;
    return live[at];
  }

  /** Two sets change places (ip_set_swap): a list refers to places. */
  exchange(a: IpSet, b: IpSet): void {
    for (const member of this.#members) {
      if (member.set === a) member.set = b;
      else if (member.set === b) member.set = a;
    }
  }

  /** Elements of a list are sets, which `addMember` takes. */
  add(): SetError {
    return 'NAME';
  }

  remove(): SetError {
    return 'NAME';
  }

  test(): Found | undefined {
    return undefined;
  }

  flush(): void {
    this.#members.length = 0;
  }

  list(): Member[] {
    return this.#live();
  }

  header(): string {
    return `size ${Math.max(this.options.size ?? DEFAULT_SIZE, MIN_SIZE)}${this.extensionHeader()}`;
  }

  memory(): number {
    return BASE_MEMORY + this.#members.length * this.elementSize(ELEMENT_SIZE) + this.commentMemory(this.#members);
  }
}
