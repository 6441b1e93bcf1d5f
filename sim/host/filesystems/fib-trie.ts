/** A node of the trie: a leaf carries what was put under its key, an internal one 2^bits children (`struct key_vector`). */
export interface TrieNode<Entry> {
  key: number;
  pos: number;
  bits: number;
  entries: Entry[];
  children: (TrieNode<Entry> | undefined)[];
}

/** Nodes grow and shrink by these shares of used children, in percent; the root is kept larger. */
const INFLATE = { root: 30, inner: 50 };
const HALVE = { root: 15, inner: 25 };
/** How often one node is resized in one go. */
const MAX_WORK = 10;

/**
 * The level-compressed trie that Linux keeps IPv4 routes in (net/ipv4/fib_trie.c), for those who show it: lookups here don't need
 * it. Its shape depends a little on the order in which keys came; `/proc/net/fib_trie` builds it anew from the routes there are.
 */
export class FibTrie<Entry> {
  root: TrieNode<Entry> | undefined;

  /** Puts an entry under a 32-bit key, behind those that are there. */
  add(key: number, entry: Entry): void {
    const path: TrieNode<Entry>[] = [];
    let node = this.root;
    while (node && matches(node, key) && node.bits > 0) {
      path.push(node);
      node = node.children[indexIn(node, key)];
    }
    if (node && node.bits === 0 && node.key === key) {
      node.entries.push(entry);
      return;
    }
    const leaf: TrieNode<Entry> = { key, pos: 0, bits: 0, entries: [entry], children: [] };
    if (!node) this.#put(path.at(-1), key, leaf);
    else {
      const fork = inner<Entry>(key, 31 - Math.clz32(key ^ node.key), 1);
      fork.children[indexIn(fork, key) ^ 1] = node;
      fork.children[indexIn(fork, key)] = leaf;
      this.#put(path.at(-1), key, fork);
      path.push(fork);
    }
    while (path.length > 0) {
      const [at, parent] = [path.pop() as TrieNode<Entry>, path.at(-1)];
      this.#resize(at, parent);
    }
  }

  #put(parent: TrieNode<Entry> | undefined, key: number, node: TrieNode<Entry>): void {
    if (parent) parent.children[indexIn(parent, key)] = node;
    else this.root = node;
  }

  /** Doubles a node while enough of it would be used, else halves it while little is, else does without it (resize). */
  #resize(node: TrieNode<Entry>, parent: TrieNode<Entry> | undefined): void {
    let work = MAX_WORK;
    let now = node;
    const place = parent ? 'inner' : 'root';
    for (; work > 0 && shouldInflate(now, INFLATE[place]); work--) now = this.#replace(inflated(now), parent);
    if (work < MAX_WORK) return;
    for (; work > 0 && shouldHalve(now, HALVE[place]); work--) now = this.#replace(halved(now), parent);
    const left = now.children.filter((child) => child !== undefined);
    if (left.length < 2) this.#put(parent, now.key, left[0] as TrieNode<Entry>);
  }

  #replace(node: TrieNode<Entry>, parent: TrieNode<Entry> | undefined): TrieNode<Entry> {
    this.#put(parent, node.key, node);
    for (const child of node.children.toReversed()) if (isFull(node, child)) this.#resize(child as TrieNode<Entry>, node);
    return node;
  }
}

/** A child that follows its parent without skipped bits. */
export function isFull<Entry>(node: TrieNode<Entry>, child: TrieNode<Entry> | undefined): boolean {
  return child !== undefined && child.bits > 0 && child.pos + child.bits === node.pos;
}

function inner<Entry>(key: number, pos: number, bits: number): TrieNode<Entry> {
  const shift = pos + bits;
  const children = new Array<TrieNode<Entry> | undefined>(2 ** bits).fill(undefined);
  return { key: shift < 32 ? ((key >>> shift) << shift) >>> 0 : 0, pos, bits, entries: [], children };
}

function indexIn<Entry>(node: TrieNode<Entry>, key: number): number {
  return ((key ^ node.key) >>> 0) >>> node.pos;
}

function matches<Entry>(node: TrieNode<Entry>, key: number): boolean {
  return indexIn(node, key) < 2 ** node.bits;
}

function counts<Entry>(node: TrieNode<Entry>): { length: number; empty: number; full: number } {
  const { length } = node.children;
  const empty = node.children.filter((child) => child === undefined).length;
  return { length, empty, full: node.children.filter((child) => isFull(node, child)).length };
}

function shouldInflate<Entry>(node: TrieNode<Entry>, threshold: number): boolean {
  const { length, empty, full } = counts(node);
  const used = length - empty + full;
  return used > 1 && node.pos > 0 && 50 * used >= length * threshold;
}

function shouldHalve<Entry>(node: TrieNode<Entry>, threshold: number): boolean {
  const { length, empty } = counts(node);
  return length - empty > 1 && node.bits > 1 && 100 * (length - empty) < length * threshold;
}

/** The same with one more bit: full children give theirs away, or half of them each. */
function inflated<Entry>(old: TrieNode<Entry>): TrieNode<Entry> {
  const made = inner<Entry>(old.key, old.pos - 1, old.bits + 1);
  old.children.forEach((child, i) => {
    if (!child) return;
    if (!isFull(old, child)) made.children[indexIn(made, child.key)] = child;
    else if (child.bits === 1) [made.children[2 * i], made.children[2 * i + 1]] = child.children;
    else {
      const half = child.children.length / 2;
      for (const side of [0, 1]) {
        const part = inner<Entry>(child.key | (side << made.pos), child.pos, child.bits - 1);
        part.children = child.children.slice(side * half, side * half + half);
        made.children[2 * i + side] = part;
      }
    }
  });
  return made;
}

/** The same with one bit less: two neighbours share a node of their own. */
function halved<Entry>(old: TrieNode<Entry>): TrieNode<Entry> {
  const made = inner<Entry>(old.key, old.pos + 1, old.bits - 1);
  for (let i = 0; i < old.children.length; i += 2) {
    const [low, high] = [old.children[i], old.children[i + 1]];
    if (!low || !high) {
      made.children[i / 2] = low ?? high;
      continue;
    }
    const both = inner<Entry>(low.key, old.pos, 1);
    both.children = [low, high];
    made.children[i / 2] = both;
  }
  return made;
}
