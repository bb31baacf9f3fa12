import type { Admin } from 'kafkajs';
import type { Logger } from '@qingfen/telemetry';
import { fetchBounds, type PartitionBounds } from './kafka-client.js';
import type { OffsetDivergence, ConsumerOptions } from './consumer-options.js';
import type { PartitionOffset, TopicPartition } from './offset-store.js';

/** Where a partition is read on from. */
export interface Position extends TopicPartition {
  /** What is stored for it, from now on at least. */
  readonly stored: bigint;
  /** Where reading begins: the stored offset, or the first that is still there. */
  readonly seek: bigint;
}

interface Known {
  readonly stored: ReadonlyMap<string, bigint>;
  readonly committed: ReadonlyMap<string, bigint>;
  readonly bounds: ReadonlyMap<string, PartitionBounds>;
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

async function committedOffsets(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<PartitionOffset[]> {
  const all = await admin.fetchOffsets({ groupId, topics: [...topics] });
  return all.flatMap(({ topic, partitions }) => {
    return partitions.map(({ partition, offset }) => {
      return { topic, partition, offset: BigInt(offset) };
    });
  });
}

function byPlace<T extends TopicPartition>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [placeOf(item), item]));
}

function offsetsByPlace(items: readonly PartitionOffset[]): Map<string, bigint> {
  return new Map(items.map((item) => [placeOf(item), item.offset]));
}

/** Decides where each assigned partition is read on from; the database has the last word. */
export class Positions {
  private readonly logger: Logger;

  constructor(
    private readonly group: string,
    private readonly options: ConsumerOptions,
  ) {
    this.logger = options.logger;
  }

  /** Looks up all three sides and settles every partition, or throws and is tried again. */
  async find(admin: Admin, partitions: readonly TopicPartition[]): Promise<Position[]> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    // In this order, since others may be processing: each may only have grown since the one before.
    const committed = await committedOffsets(admin, this.group, topics);
    const stored = await this.options.offsets.stored(this.group);
    const bounds = await fetchBounds(admin, topics);
    const known: Known = {
      stored: offsetsByPlace(stored),
      committed: offsetsByPlace(committed),
      bounds: byPlace(bounds),
    };
    await this.reportRestored(partitions, known);
    const positions: Position[] = [];
    for (const place of partitions) positions.push(await this.settle(place, known));
    return positions;
  }

  private async reportRestored(partitions: readonly TopicPartition[], known: Known): Promise<void> {
    const behind = partitions.flatMap((place): OffsetDivergence[] => {
      const committed = known.committed.get(placeOf(place)) ?? -1n;
      const stored = known.stored.get(placeOf(place)) ?? 0n;
      if (committed <= stored) return [];
      const { topic, partition } = place;
      return [{ topic, partition, group: this.group, offset: stored, committed }];
    });
    if (behind.length === 0) return;
    const where = behind.map((one) => `${placeOf(one)}: ${one.offset} < ${one.committed}`);
    const fields = { group: this.group, where };
    this.logger.error(fields, 'the database is behind Kafka: it was restored; reading again');
    await this.options.onRestored?.(behind);
  }

  private async settle(place: TopicPartition, known: Known): Promise<Position> {
    const { topic, partition } = place;
    const bounds = known.bounds.get(placeOf(place));
    if (bounds === undefined) throw new Error(`${placeOf(place)} has no leader yet`);
    const { low, high } = bounds;
    const { offsets } = this.options;
    const fields = { group: this.group, topic, partition, low: String(low), high: String(high) };
    const stored = known.stored.get(placeOf(place));
    if (stored === undefined) {
      await offsets.begin(this.group, [{ topic, partition, offset: low }]);
      return { topic, partition, stored: low, seek: low };
    }
    if (stored > high) {
      // The topic was made anew or its end was lost: whatever stands there now is heard from its
      // beginning, and the inbox tells what was heard before.
      this.logger.error({ ...fields, stored: String(stored) }, 'the topic is shorter than known');
      await offsets.reset(this.group, { topic, partition, offset: low });
      return { topic, partition, stored: low, seek: low };
    }
    if (stored < low) {
      this.logger.error({ ...fields, stored: String(stored) }, 'the topic lost what was unread');
      return { topic, partition, stored, seek: low };
    }
    return { topic, partition, stored, seek: stored };
  }
}
