import { hash } from 'node:crypto';
import { merkleRoot, nodeOf } from './merkle.js';

/**
 * The tree of RFC 6962 over a list that only grows. What of it is complete never changes, so each
 * complete node is kept once, under its level and its place there; everything else is folded from these.
 */
export interface NodePlace {
  /** 0 for leaves; a node of level n is over 2^n of them. */
  readonly level: number;
  readonly place: number;
}

/** Leaves from `from` to before `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

export type NodeOf = (at: NodePlace) => Buffer;

/** The root of no leaves at all. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** The complete nodes that a range is folded from, left to right. Its start is a multiple of its longest part. */
export function nodesOfRange({ from, to }: LeafRange): NodePlace[] {
  const nodes: NodePlace[] = [];
  for (let at = from; at < to;) {
    const level = Math.floor(Math.log2(to - at));
    nodes.push({ level, place: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The root over a range; of an empty one, {@link emptyRoot}. */
export function rootOfRange(range: LeafRange, nodeAt: NodeOf): Buffer {
  return fold(nodesOfRange(range).map(nodeAt));
}

/** The root that complete nodes have, from the largest on the left to the smallest on the right. */
export function fold(nodes: readonly Buffer[]): Buffer {
  const rightmost = nodes.at(-1);
  if (rightmost === undefined) return emptyRoot;
  return nodes.slice(0, -1).reduceRight((right, left) => nodeOf(left, right), rightmost);
}

/** The roots of ranges of leaves that are all at hand. */
export function treeOf(leaves: readonly Buffer[]): (range: LeafRange) => Buffer {
  return ({ from, to }) => merkleRoot(leaves.slice(from, to));
}

/** The nodes that become complete when the leaf with this index is appended, the leaf itself first. */
export function completedBy(
  index: number,
  leaf: Buffer,
  nodeAt: NodeOf,
): (NodePlace & { readonly hash: Buffer })[] {
  const made = [{ level: 0, place: index, hash: leaf }];
  let [place, made0] = [index, leaf];
  for (let level = 0; place % 2 === 1; level += 1) {
    made0 = nodeOf(nodeAt({ level, place: place - 1 }), made0);
    place = (place - 1) / 2;
    made.push({ level: level + 1, place, hash: made0 });
  }
  return made;
}

/** What stands beside the path of a leaf in a tree of this size, from the leaf upwards. */
export function inclusionPath(index: number, size: number): LeafRange[] {
  const path = (from: number, to: number): LeafRange[] => {
    if (to - from <= 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(from, middle), { from: middle, to }]
      : [...path(middle, to), { from, to: middle }];
  };
  return path(0, size);
}

/** What proves that the tree of `size` leaves begins with the one of `oldSize` (RFC 6962, 2.1.2). */
export function consistencyPath(oldSize: number, size: number): LeafRange[] {
  const path = (old: number, from: number, to: number, isWhole: boolean): LeafRange[] => {
    if (old === to - from) return isWhole ? [] : [{ from, to }];
    const split = splitOf(to - from);
    const middle = from + split;
    return old <= split
      ? [...path(old, from, middle, isWhole), { from: middle, to }]
      : [...path(old - split, middle, to, false), { from, to: middle }];
  };
  return oldSize === 0 ? [] : path(oldSize, 0, size, true);
}

/** The largest power of two below a count of two or more. */
function splitOf(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1);
}
