// Hashes, trees and blocks as docs/proofs.md has them.
import { createHash } from 'node:crypto';

export class Bad extends Error {}

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const leafOf = (text) => sha256(Buffer.from([0]), Buffer.from(text, 'utf8'));
export const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right);
export const hex = (bytes) => bytes.toString('hex');
export const zeros = '0'.repeat(64);

export function demand(isTrue, what) {
  if (!isTrue) throw new Bad(what);
}

export function bytesOf(text) {
  demand(typeof text === 'string' && /^[0-9a-f]{64}$/.test(text), `${text} is no hash`);
  return Buffer.from(text, 'hex');
}

export function sizeOf(value, what) {
  demand(Number.isSafeInteger(value) && value >= 0, `${what} is no number`);
  return value;
}

/** The root over leaves: pairs level by level, an odd one goes up unpaired (RFC 6962). */
export function rootOf(leaves) {
  if (leaves.length === 0) return sha256('');
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let index = 0; index < level.length; index += 2) {
      const right = level[index + 1];
      above.push(right === undefined ? level[index] : nodeOf(level[index], right));
    }
    level = above;
  }
  return level[0];
}

/** The root that a leaf and its path lead to in a tree of this size (RFC 9162, 2.1.3.2). */
export function rootByPath(leaf, { index, size, path }) {
  demand(index < size, `place ${index} is outside of ${size}`);
  let [at, last, hash] = [index, size - 1, leaf];
  for (const text of path) {
    demand(last > 0, 'the path is too long');
    const beside = bytesOf(text);
    if (at % 2 === 1 || at === last) {
      hash = nodeOf(beside, hash);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeOf(hash, beside);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  demand(last === 0, 'the path is too short');
  return hash;
}

/** Whether a tree begins with another (RFC 9162, 2.1.4.2). */
export function isBeginning({ oldSize, oldRoot, size, root, path }) {
  if (oldSize === size) return path.length === 0 && hex(oldRoot) === hex(root);
  if (oldSize === 0) return path.length === 0 && hex(oldRoot) === hex(sha256(''));
  const nodes = path.map(bytesOf);
  const isPower = Number.isInteger(Math.log2(oldSize));
  if (isPower) nodes.unshift(oldRoot);
  if (nodes.length === 0) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let [old, now] = [nodes[0], nodes[0]];
  for (const node of nodes.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [old, now] = [nodeOf(node, old), nodeOf(node, now)];
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      now = nodeOf(now, node);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(old) === hex(oldRoot) && hex(now) === hex(root);
}

export function batchLeaf(shopId, { batchId, factCount, bookedAtMs, root }) {
  return leafOf(JSON.stringify(['journal-batch', shopId, batchId, factCount, bookedAtMs, root]));
}

/** A block's hash, which must be the one that it says. */
export function checkBlock(block) {
  const { shopId, batchCount, factCount, lastBatch, sealedAtMs, root, previous, history } = block;
  const fields = [shopId, block.block, batchCount, factCount, lastBatch, sealedAtMs];
  const text = JSON.stringify(['ledger-block', ...fields, root, previous, history]);
  const hash = leafOf(text);
  demand(hex(hash) === block.hash, `the hash of block ${block.block} is not that of its fields`);
  return hash;
}

export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Bad('a line is no JSON');
  }
}
