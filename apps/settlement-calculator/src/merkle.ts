import { hash } from 'node:crypto';

const leafPrefix = '\0';
const nodePrefix = 1;
const hashBytes = 32;

/** The hash of one fact: SHA-256 over 0x00 and the fact's text, so that no node passes for a leaf. */
export function leafOf(fact: string): Buffer {
  return hash('sha256', leafPrefix + fact, 'buffer');
}

/**
 * The Merkle root over leaves in their order, as RFC 6962 builds it: an odd node goes up unpaired,
 * so no list of leaves has the root of another.
 */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const pair = Buffer.alloc(1 + 2 * hashBytes, nodePrefix);
  let level = leaves;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index];
      const right = level[index + 1];
      if (left === undefined) break;
      if (right === undefined) {
        above.push(left);
        continue;
      }
      pair.set(left, 1);
      pair.set(right, 1 + hashBytes);
      above.push(hash('sha256', pair, 'buffer'));
    }
    level = above;
  }
  const root = level[0];
  if (root === undefined) throw new Error('a root needs at least one leaf');
  return root;
}
