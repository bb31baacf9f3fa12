import type { TopicPartition } from './offset-store.js';

/** Where this member stands in one partition. */
export interface PartitionState extends TopicPartition {
  /** What must be stored at least; null until it has been looked up. */
  delivered: bigint | null;
  /** Where the partition ended when last looked at, and since when it has not moved (ms). */
  stalledSince: number | null;
  seenAt: bigint | null;
  busy: boolean;
}

/**
 * The partitions that a join gave this member. Every join makes a new one: what still runs under
 * an old one may finish its transaction, but moves no offset of the client's any more.
 */
export class Assignment {
  private readonly states = new Map<string, PartitionState>();
  /** Why its partitions are being handed to others, once that is known. */
  private lostBy: unknown = null;

  constructor(memberAssignment: Readonly<Record<string, readonly number[]>>) {
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      for (const partition of partitions) {
        const place = { topic, partition };
        const fresh = { delivered: null, stalledSince: null, seenAt: null, busy: false };
        this.states.set(`${topic}/${partition}`, { ...place, ...fresh });
      }
    }
  }

  of(topic: string, partition: number): PartitionState | undefined {
    return this.states.get(`${topic}/${partition}`);
  }

  get all(): readonly PartitionState[] {
    return [...this.states.values()];
  }

  /** Whether every partition's offset has been looked up. */
  get isPositioned(): boolean {
    return this.all.every(({ delivered }) => delivered !== null);
  }

  get topics(): string[] {
    return [...new Set(this.all.map(({ topic }) => topic))];
  }

  /** Notes that a heartbeat failed; whoever works on its partitions ends as soon as it can. */
  lose(error: unknown): void {
    this.lostBy ??= error;
  }

  /** @throws the heartbeat's error, which the client answers by joining again */
  throwIfLost(): void {
    if (this.lostBy !== null) throw this.lostBy;
  }

  get isLost(): boolean {
    return this.lostBy !== null;
  }
}
