import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@qingfen/database';
import type { Logger } from '@qingfen/telemetry';
import { TopicBounds, type TopicOffsets } from '@qingfen/messaging';
import type { Kafka } from 'kafkajs';

const pollMs = 10;
const heartbeatEveryMs = 250;

export interface Barrier {
  /** The group whose stored offset must reach the topic's end. */
  readonly group: string;
  readonly topic: string;
  /** Called while waiting, so that the waiting consumer keeps its place in its own group. */
  readonly heartbeat: () => Promise<void>;
}

/**
 * Lets a consumer wait until another group of its service has applied a topic to its end.
 *
 * Which plan binds an order depends on dates alone, never on which topic was faster: so before a
 * batch of orders is decided, every plan that stood on the plan topic is there. The wait holds no
 * transaction; the applied offset is the one that committed together with the plans.
 */
export class TopicBarrier {
  private readonly bounds: TopicBounds;

  constructor(
    kafka: Kafka,
    private readonly database: Database,
    private readonly logger: Logger,
  ) {
    this.bounds = new TopicBounds(kafka);
  }

  /** @throws when the brokers or the database do not answer: the batch is tried again. */
  async passed({ group, topic, heartbeat }: Barrier): Promise<void> {
    const ends = await this.endOffsets(topic);
    let waitedMs = 0;
    while (!(await this.reached(group, topic, ends))) {
      await pause(pollMs);
      waitedMs += pollMs;
      if (waitedMs % heartbeatEveryMs === 0) await heartbeat();
      if (waitedMs === 5_000)
        this.logger.warn({ group, topic }, 'waiting for a topic to be applied');
    }
  }

  /**
   * How much of these topics a group has applied, as one number that grows with every batch: it tells
   * any replica that another one has applied something.
   */
  async applied(group: string, topics: readonly string[]): Promise<bigint> {
    const [row] = await this.database.query<{ applied: bigint }>(
      `SELECT coalesce(sum(next_offset), 0)::bigint AS applied
         FROM consumer_offset WHERE group_id = $1 AND topic = ANY ($2)`,
      [group, topics],
    );
    return row?.applied ?? 0n;
  }

  close(): Promise<void> {
    return this.bounds.close();
  }

  /** The ends of every partition of these topics, as they are at this moment. */
  endsOf(topics: readonly string[]): Promise<TopicOffsets> {
    return this.bounds.ends(topics);
  }

  /** The ends of every partition of a topic, as they are at this moment. */
  async endOffsets(topic: string): Promise<ReadonlyMap<number, bigint>> {
    return (await this.endsOf([topic])).get(topic) ?? new Map<number, bigint>();
  }

  /** Whether the group's stored offsets have come to these ends. */
  async reached(group: string, topic: string, ends: ReadonlyMap<number, bigint>): Promise<boolean> {
    const open = [...ends].filter(([, end]) => end > 0n);
    if (open.length === 0) return true;
    const rows = await this.database.query<{ partition: number; next_offset: bigint }>(
      'SELECT partition, next_offset FROM consumer_offset WHERE group_id = $1 AND topic = $2',
      [group, topic],
    );
    const applied = new Map(rows.map((row) => [row.partition, row.next_offset]));
    return open.every(([partition, end]) => (applied.get(partition) ?? 0n) >= end);
  }
}
