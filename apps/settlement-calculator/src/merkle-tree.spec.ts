import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafOf, merkleRoot, nodeOf } from './merkle.js';
import {
  completedBy,
  consistencyPath,
  emptyRoot,
  fold,
  inclusionPath,
  nodesOfRange,
  rootOfRange,
  treeOf,
  type NodeOf,
} from './merkle-tree.js';

const leavesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => leafOf(`block ${index}`));
const sizes = fc.integer({ min: 1, max: 300 });

/** RFC 9162, 2.1.3.2, as it stands there. */
function rootByPath(leaf: Buffer, at: { index: number; size: number }, path: Buffer[]): Buffer {
  let [fn, sn, r] = [at.index, at.size - 1, leaf];
  for (const p of path) {
    if (sn === 0) throw new Error('too long');
    if (fn % 2 === 1 || fn === sn) {
      r = nodeOf(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else r = nodeOf(r, p);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  if (sn !== 0) throw new Error('too short');
  return r;
}

/** RFC 9162, 2.1.4.2: both roots that a consistency path leads to. */
function rootsByPath(first: number, second: number, given: Buffer[], old: Buffer): Buffer[] {
  const path = Number.isInteger(Math.log2(first)) ? [old, ...given] : given;
  const [start, ...rest] = path;
  if (start === undefined) throw new Error('empty');
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [start, start];
  for (const c of rest) {
    if (sn === 0) throw new Error('too long');
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeOf(c, fr), nodeOf(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeOf(sr, c);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  if (sn !== 0) throw new Error('too short');
  return [fr, sr];
}

/** A tree that grew leaf by leaf, of which only complete nodes are kept. */
function grown(leaves: readonly Buffer[]): NodeOf {
  const kept = new Map<string, Buffer>();
  const nodeAt: NodeOf = ({ level, place }) => {
    const node = kept.get(`${level}/${place}`);
    if (node === undefined) throw new Error(`${level}/${place} is not kept`);
    return node;
  };
  for (const [index, leaf] of leaves.entries()) {
    for (const { level, place, hash } of completedBy(index, leaf, nodeAt)) {
      kept.set(`${level}/${place}`, hash);
    }
  }
  return nodeAt;
}

describe('R-EVO-1 the tree over all blocks', () => {
  it('R-EVO-1 folded from complete nodes it is the root over its leaves, at every size', () => {
    const leaves = leavesOf(70);
    const nodeAt = grown(leaves);
    expect(fold([])).toEqual(emptyRoot);
    for (let size = 1; size <= leaves.length; size += 1) {
      const root = rootOfRange({ from: 0, to: size }, nodeAt);
      expect(root).toEqual(merkleRoot(leaves.slice(0, size)));
      expect(nodesOfRange({ from: 0, to: size }).length).toBeLessThanOrEqual(7);
    }
  });

  it('R-EVO-1 every leaf has a path to the root of every size, and no other leaf has it', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        const leaves = leavesOf(size);
        const [index, other] = [a % size, b % size];
        const nodeAt = grown(leaves);
        const path = inclusionPath(index, size).map((range) => rootOfRange(range, nodeAt));
        const flat = inclusionPath(index, size).map(treeOf(leaves));
        const root = merkleRoot(leaves);
        const at = { index, size };
        const leadsTo = (leaf: Buffer | undefined): boolean =>
          leaf !== undefined && rootByPath(leaf, at, path).equals(root);
        return (
          path.every((hash, place) => flat[place]?.equals(hash)) &&
          leadsTo(leaves[index]) &&
          (other === index || !leadsTo(leaves[other]))
        );
      }),
    );
  });

  it('R-EVO-1 a tree is the beginning of a larger one by a path, and a changed one is not', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        if (size === 1) return consistencyPath(1, 1).length === 0;
        const first = (a % (size - 1)) + 1;
        const leaves = leavesOf(size);
        const nodeAt = grown(leaves);
        const path = consistencyPath(first, size).map((range) => rootOfRange(range, nodeAt));
        const old = merkleRoot(leaves.slice(0, first));
        const [fr, sr] = rootsByPath(first, size, path, old);
        // A leaf of the beginning was changed: the same path no longer leads to the new tree's root.
        const forged = leaves.map((leaf, at) => (at === b % first ? leafOf('forged') : leaf));
        const forgedPath = consistencyPath(first, size).map(treeOf(forged));
        const [was, is] = rootsByPath(first, size, forgedPath, old);
        const isKept = was?.equals(old) === true && is?.equals(merkleRoot(forged)) === true;
        return fr?.equals(old) === true && sr?.equals(merkleRoot(leaves)) === true && !isKept;
      }),
    );
  });
});
