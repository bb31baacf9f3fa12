import type { Tx } from '@qingfen/database';

/**
 * An entry's number is its block times this plus its place in the block, so that one row can hold what
 * an order owes. More than the 500 lines of 22 parties that an order may have.
 */
export const entriesPerBlock = 16_384n;

/** Blocks for new entries. Taken under the shop's shared lock, so a run's bound is above them all. */
export async function nextBlocks(tx: Tx, count: number): Promise<bigint[]> {
  if (count === 0) return [];
  // As one text: a thousand rows of a number each cost both sides more than the numbers do.
  const [row] = await tx.prepared<{ blocks: string }>(
    'next-entry-blocks',
    `SELECT string_agg(nextval('entry_block_seq')::text, ' ') AS blocks FROM generate_series(1, $1)`,
    [count],
  );
  return row === undefined ? [] : row.blocks.split(' ').map(BigInt);
}
