import type { AdminLink } from './admin-link.js';
import type { Assignment, PartitionState } from './assignment.js';
import type { ConsumerOptions } from './consumer-options.js';
import { fetchEndOffsets } from './kafka-client.js';

const tickMs = 1000;
const lagEveryMs = 15_000;
const stalledMs = 45_000;

/** What is watched, and how to end it. */
export interface Watched {
  readonly group: string;
  readonly options: ConsumerOptions;
  readonly admin: AdminLink;
  current(): Assignment | null;
  end(reason: Error): void;
}

/**
 * Sees to it that a consumer which does nothing does so because there is nothing to do. Ends one
 * that gives no sign of life or leaves messages lying; a handler that hangs ends the process.
 */
export class Watchdog {
  private timer: NodeJS.Timeout | null = null;
  private lastSign = performance.now();
  private lastTick = performance.now();
  private lastLag = performance.now();
  private lastProgress = performance.now();
  private readonly lag;

  constructor(private readonly watched: Watched) {
    const labels = ['group', 'topic', 'partition'];
    const { metrics } = watched.options;
    this.lag = metrics.gauge('consumer_lag', 'Messages on the topic not yet processed', labels);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), tickMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** A fetch, a heartbeat, a batch: the consumer lives. */
  alive(): void {
    this.lastSign = performance.now();
  }

  private tick(): void {
    const now = performance.now();
    // A process that was stopped, or whose loop was blocked, is not the consumer's fault.
    if (now - this.lastTick > 5 * tickMs) this.lastSign = now;
    this.lastTick = now;
    const { sessionTimeoutMs, silentMs } = this.watched.options;
    const limit = silentMs ?? Math.max(30_000, 3 * sessionTimeoutMs);
    if (now - this.lastSign > limit) {
      this.watched.end(new Error(`no sign of life for ${Math.round(now - this.lastSign)} ms`));
      return;
    }
    this.watchHandlers(now);
    if (now - this.lastLag < lagEveryMs) return;
    this.lastLag = now;
    void this.watchLag();
  }

  private watchHandlers(now: number): void {
    const { options, group } = this.watched;
    const states = this.watched.current()?.all ?? [];
    const limit = options.stuckMs ?? 300_000;
    const isBusy = states.some(({ busy }) => busy);
    if (!isBusy) this.lastProgress = now;
    if (now - this.lastProgress <= limit) return;
    this.lastProgress = now;
    options.onFatal(new Error(`a handler of ${group} hangs`));
  }

  /** A handler has called for a heartbeat or finished a piece. */
  progress(): void {
    this.alive();
    this.lastProgress = performance.now();
  }

  private async watchLag(): Promise<void> {
    const assignment = this.watched.current();
    if (assignment === null || !assignment.isPositioned) return;
    try {
      const ends = await this.watched.admin.use((admin) => {
        return fetchEndOffsets(admin, assignment.topics);
      });
      for (const state of assignment.all) {
        this.watchPartition(state, ends.get(state.topic)?.get(state.partition) ?? 0n);
      }
    } catch {
      return; // brokers that cannot be asked are noticed by whoever fetches from them
    }
  }

  private watchPartition(state: PartitionState, end: bigint): void {
    const { topic, partition, delivered, busy } = state;
    if (delivered === null) return;
    const behind = end > delivered ? end - delivered : 0n;
    const { group } = this.watched;
    this.lag.set({ group, topic, partition: String(partition) }, Number(behind));
    const now = performance.now();
    if (behind === 0n || busy || state.seenAt !== delivered) {
      state.seenAt = delivered;
      state.stalledSince = now;
      return;
    }
    // Some partition is being worked on: the client fetches again only after all of that.
    if (this.watched.current()?.all.some((other) => other.busy)) state.stalledSince = now;
    if (now - (state.stalledSince ?? now) < stalledMs) return;
    this.watched.end(new Error(`${topic}/${partition} has ${behind} unread and does not move`));
  }
}
