import { failpoint } from '@qingfen/failpoint';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Assignment, PartitionState } from './assignment.js';
import { Backoff, pause } from './backoff.js';
import type { ConsumerOptions, Deliver } from './consumer-options.js';
import { isMembershipError, messageOfError } from './kafka-errors.js';
import { headersAsText } from './message-headers.js';
import { StoredOffsetBehind } from './offset-store.js';
import type { Batch, RawMessage } from './raw-message.js';
import { StateLog } from './state-log.js';

/** Real milliseconds by which Kafka's own offsets may be late. */
const hintMs = 100;
// Larger batches gain nothing in the database, and all that a batch is read into lives until it is
// committed: twice as many messages, twice as much for V8 to look through again and again.
const defaults = { batchMessagesMax: 500, batchBytesMax: 8 * 1024 * 1024 };

/** What became of a piece: applied, or left for whoever reads the partition from now on. */
type Fate = 'applied' | 'abandoned';

/** What of a consumer its batches need to know. */
export interface RunnerHost {
  readonly group: string;
  /** Fires when the consumer is to end. */
  readonly ending: AbortSignal;
  /** The assignment that holds now. */
  current(): Assignment | null;
  /** A handler finished a piece or said that it lives. */
  progress(): void;
  /** The stored offsets are not what they were: look all of them up again. */
  reposition(assignment: Assignment): void;
}

function toRaw(topic: string, partition: number, message: KafkaMessage): RawMessage {
  const { headers } = message;
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: headersAsText(headers),
    rawHeaders: headers,
    timestamp: new Date(Number(message.timestamp)),
  };
}

/** Works through what a fetch brought of one partition, piece by piece. */
export class BatchRunner {
  private readonly messagesMax: number;
  private readonly bytesMax: number;
  private readonly hints = new Map<string, PartitionState>();
  private hinted: { readonly payload: EachBatchPayload; readonly assignment: Assignment } | null =
    null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly host: RunnerHost,
    private readonly options: ConsumerOptions,
    private readonly deliver: Deliver,
  ) {
    this.messagesMax = options.batchMessagesMax ?? defaults.batchMessagesMax;
    this.bytesMax = options.batchBytesMax ?? defaults.batchBytesMax;
  }

  /**
   * Never throws for what a message says, only for what the client has to answer by joining again.
   * What is not resolved when it returns is fetched again.
   */
  async run(payload: EachBatchPayload): Promise<void> {
    const assignment = this.host.current();
    const { topic, partition } = payload.batch;
    const state = assignment?.of(topic, partition);
    if (assignment === null || state === undefined || state.delivered === null) return;
    assignment.throwIfLost();
    failpoint('batch-fetched');
    state.busy = true;
    const beat = (): Promise<void> => this.beat(payload, assignment);
    const timer = setInterval(() => {
      beat().catch(() => undefined); // noted in the assignment, thrown at the next step
    }, this.options.heartbeatIntervalMs);
    try {
      await this.runPieces(payload, assignment, state);
      assignment.throwIfLost();
    } finally {
      clearInterval(timer);
      state.busy = false;
    }
  }

  private async runPieces(
    payload: EachBatchPayload,
    assignment: Assignment,
    state: PartitionState,
  ): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const before = state.delivered;
    if (!(await this.noteTruncation(state, messages[0]))) return;
    for (let from = 0; from < messages.length;) {
      if (!this.holds(assignment, payload)) return;
      const until = this.pieceEnd(messages, from);
      const piece = messages.slice(from, until).map((one) => toRaw(topic, partition, one));
      if ((await this.apply(piece, { payload, assignment, state })) === 'abandoned') return;
      const last = piece.at(-1);
      if (last === undefined || this.host.current() !== assignment) return;
      state.delivered = last.offset + 1n;
      payload.resolveOffset(String(last.offset));
      this.host.progress();
      from = until;
      assignment.throwIfLost();
    }
    if (state.delivered !== before) this.hint(payload, assignment, state);
  }

  private holds(assignment: Assignment, payload: EachBatchPayload): boolean {
    if (this.host.ending.aborted || this.host.current() !== assignment) return false;
    return payload.isRunning() && !payload.isStale();
  }

  private pieceEnd(messages: readonly KafkaMessage[], from: number): number {
    const most = Math.min(messages.length, from + this.messagesMax);
    let bytes = 0;
    for (let index = from; index < most; index += 1) {
      bytes += messages[index]?.value?.length ?? 0;
      if (bytes > this.bytesMax && index > from) return index;
    }
    return most;
  }

  /** A fetch never goes back by itself: the topic was made anew or lost its end. */
  private async noteTruncation(
    state: PartitionState,
    first: KafkaMessage | undefined,
  ): Promise<boolean> {
    if (first === undefined || state.delivered === null) return false;
    const offset = BigInt(first.offset);
    if (offset >= state.delivered) return true;
    const { topic, partition } = state;
    const fields = { group: this.host.group, topic, partition, offset: first.offset };
    this.options.logger.error(fields, 'the topic goes back; hearing it again from there');
    try {
      await this.options.offsets.reset(this.host.group, { topic, partition, offset });
      state.delivered = offset;
      return true;
    } catch {
      return false; // the database is away; the same batch comes again
    }
  }

  /** One piece, again and again until it is applied, or is no longer this member's to apply. */
  private async apply(
    messages: readonly RawMessage[],
    at: { payload: EachBatchPayload; assignment: Assignment; state: PartitionState },
  ): Promise<Fate> {
    const { payload, assignment, state } = at;
    const { group } = this.host;
    const { topic, partition } = state;
    const backoff = new Backoff(100, 2000);
    const log = new StateLog(this.options.logger, { group, topic, partition });
    for (;;) {
      let noted: unknown = null;
      const batch: Batch = {
        group,
        topic,
        partition,
        messages,
        ...(state.delivered === null ? {} : { from: state.delivered }),
        heartbeat: () => {
          this.host.progress();
          return this.beat(payload, assignment);
        },
        noteFailure: (error) => (noted = error),
      };
      try {
        await this.deliver(batch);
        log.well('a batch that had failed is through');
        return 'applied';
      } catch (thrown) {
        const error = noted ?? thrown;
        assignment.throwIfLost();
        if (isMembershipError(error)) throw error;
        if (error instanceof StoredOffsetBehind) {
          this.options.logger.error(
            { err: error, group, topic, partition },
            'stored offset behind',
          );
          this.host.reposition(assignment);
          return 'abandoned';
        }
        log.failed(`a batch failed and is tried again: ${messageOfError(error)}`, error);
        await pause(backoff.next(), this.host.ending);
        if (!this.holds(assignment, payload)) return 'abandoned';
        await this.beat(payload, assignment);
      }
    }
  }

  private async beat(payload: EachBatchPayload, assignment: Assignment): Promise<void> {
    try {
      await payload.heartbeat();
    } catch (error) {
      assignment.lose(error);
      throw error;
    }
  }

  /**
   * Kafka's own offset follows the database's, for tools that show lag: all partitions together, a
   * moment later.
   */
  private hint(payload: EachBatchPayload, assignment: Assignment, state: PartitionState): void {
    this.hints.set(`${state.topic}/${state.partition}`, state);
    this.hinted = { payload, assignment };
    this.timer ??= setTimeout(() => void this.flush(), hintMs);
  }

  /** Tells Kafka what it has not been told yet; never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    const { hinted } = this;
    const states = [...this.hints.values()];
    this.hints.clear();
    if (hinted === null || states.length === 0) return;
    const { payload, assignment } = hinted;
    // What was applied under an old assignment is another member's to tell of.
    if (this.host.current() !== assignment || assignment.isLost) return;
    try {
      await payload.commitOffsetsIfNecessary({ topics: offsetsByTopic(states) });
      failpoint('offset-told');
    } catch (error) {
      // Whoever works on its partitions ends as soon as it can; else only a hint was lost.
      if (isMembershipError(error)) assignment.lose(error);
      else this.options.logger.debug({ err: error }, 'offsets not committed');
    }
  }
}

function offsetsByTopic(
  states: readonly PartitionState[],
): { topic: string; partitions: { partition: number; offset: string }[] }[] {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, delivered } of states) {
    if (delivered === null) continue;
    const known = topics.get(topic) ?? [];
    topics.set(topic, [...known, { partition, offset: String(delivered) }]);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
