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

/** A partition as one group reads it. */
export interface GroupPartition extends TopicPartition {
  readonly group: string;
}

function lockRow(tx: Tx, at: GroupPartition): Promise<{ next_offset: bigint }[]> {
  return tx.prepared<{ next_offset: bigint }>(
    'offset_lock',
    `SELECT next_offset FROM consumer_offset
      WHERE group_id = $1 AND topic = $2 AND partition = $3 FOR UPDATE`,
    [at.group, at.topic, at.partition],
  );
}

/**
 * Locks a partition's row, so that two members that hold the same batch take turns, and returns
 * its next offset. Without a row it is begun at `first`.
 */
export async function lockOffset(tx: Tx, at: GroupPartition, first: bigint): Promise<bigint> {
  const [row] = await lockRow(tx, at);
  if (row !== undefined) return row.next_offset;
  await tx.query(
    `INSERT INTO consumer_offset (group_id, topic, partition, next_offset)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [at.group, at.topic, at.partition, first],
  );
  const [made] = await lockRow(tx, at);
  return made?.next_offset ?? first;
}

/** Moves a locked row forward. */
export async function advanceOffset(tx: Tx, at: GroupPartition, next: bigint): Promise<void> {
  await tx.prepared(
    'offset_advance',
    `UPDATE consumer_offset SET next_offset = greatest(next_offset, $4), changed_at = now()
      WHERE group_id = $1 AND topic = $2 AND partition = $3`,
    [at.group, at.topic, at.partition, next],
  );
}
