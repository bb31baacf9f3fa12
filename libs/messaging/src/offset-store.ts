import type { Database, Tx } from '@qingfen/database';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition and the offset of the next message to process. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

/** The stored offset lies before what was processed: the database went back in time. */
export class StoredOffsetBehind extends Error {
  override readonly name = 'StoredOffsetBehind';
}

/** Where each group stands, by its own database; Kafka's offsets are only for lag tools. */
export class OffsetStore {
  constructor(private readonly database: Database) {}

  /** All stored offsets of a group. */
  async stored(group: string): Promise<PartitionOffset[]> {
    return this.database.query<PartitionOffset>(
      `SELECT topic, partition, next_offset AS "offset" FROM consumer_offset WHERE group_id = $1`,
      [group],
    );
  }

  /** Notes where partitions begin that have no stored offset; those that have keep it. */
  async begin(group: string, partitions: readonly PartitionOffset[]): Promise<void> {
    for (const { topic, partition, offset } of partitions) {
      await this.database.query(
        `INSERT INTO consumer_offset (group_id, topic, partition, next_offset)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [group, topic, partition, offset],
      );
    }
  }

  /** Sets an offset back, for a topic that was made anew: everything on it comes again. */
  async reset(group: string, { topic, partition, offset }: PartitionOffset): Promise<void> {
    await this.database.query(
      `UPDATE consumer_offset SET next_offset = $4, changed_at = now()
        WHERE group_id = $1 AND topic = $2 AND partition = $3`,
      [group, topic, partition, offset],
    );
  }
}

/** A topic as one group reads it. */
export interface GroupTopic {
  readonly group: string;
  readonly topic: string;
}

function lockRows(
  tx: Tx,
  { group, topic }: GroupTopic,
  partitions: readonly number[],
): Promise<{ partition: number; next_offset: bigint }[]> {
  return tx.prepared(
    'offset_lock',
    `SELECT partition, next_offset FROM consumer_offset
      WHERE group_id = $1 AND topic = $2 AND partition = ANY ($3::int[])
      ORDER BY partition FOR UPDATE`,
    [group, topic, partitions],
  );
}

/**
 * Locks the rows of partitions, so that two members that hold the same batch take turns, and returns
 * their next offsets. A partition without a row is begun at `first`.
 */
export async function lockOffsets(
  tx: Tx,
  at: GroupTopic,
  places: readonly { readonly partition: number; readonly first: bigint }[],
): Promise<ReadonlyMap<number, bigint>> {
  const partitions = places.map(({ partition }) => partition);
  const offsetsIn = (rows: readonly { partition: number; next_offset: bigint }[]) =>
    new Map(rows.map((row) => [row.partition, row.next_offset]));
  const known = offsetsIn(await lockRows(tx, at, partitions));
  const missing = places.filter(({ partition }) => !known.has(partition));
  if (missing.length === 0) return known;
  await tx.query(
    `INSERT INTO consumer_offset (group_id, topic, partition, next_offset)
     SELECT $1, $2, * FROM unnest($3::int[], $4::bigint[]) ON CONFLICT DO NOTHING`,
    [
      at.group,
      at.topic,
      missing.map(({ partition }) => partition),
      missing.map(({ first }) => first),
    ],
  );
  return offsetsIn(await lockRows(tx, at, partitions));
}

/** Moves locked rows forward. */
export async function advanceOffsets(
  tx: Tx,
  at: GroupTopic,
  places: readonly { readonly partition: number; readonly next: bigint }[],
): Promise<void> {
  await tx.prepared(
    'offset_advance',
    `UPDATE consumer_offset o
        SET next_offset = greatest(o.next_offset, n.next), changed_at = now()
       FROM unnest($3::int[], $4::bigint[]) AS n(partition, next)
      WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = n.partition`,
    [at.group, at.topic, places.map(({ partition }) => partition), places.map(({ next }) => next)],
  );
}
