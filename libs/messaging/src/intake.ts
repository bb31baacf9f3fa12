import type { ServiceName, Topic } from '@qingfen/contracts';
import type { Clock } from '@qingfen/clock';
import { CommitUnknown, isInfrastructureError, type Database, type Tx } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import type { Logger, Metrics, WorkCounter } from '@qingfen/telemetry';
import { isDeadLetterer } from './dead-letters.js';
import { forget, takeOnce, type Sorted } from './inbox.js';
import { IntakeMetrics } from './intake-metrics.js';
import { judge, topicOf, type Accepted, type Rejected, type SignatureCheck } from './judge.js';
import { JoinQueue } from './join-queue.js';
import { advanceOffsets, lockOffsets, StoredOffsetBehind } from './offset-store.js';
import type { MessageSigning } from './outbox.js';
import { bisect, blaming, HandlerFailed } from './poison.js';
import type { Batch } from './raw-message.js';
import { forgedAlert, poisonAlert, reusedAlert } from './refusal-alerts.js';
import { UnitBuffer } from './unit-buffer.js';
import { closeUnit } from './unit-closing.js';
import type { IncomingEvent, Unit } from './unit.js';

/** What an intake works with. */
export interface IntakeOptions {
  readonly database: Database;
  readonly service: ServiceName;
  readonly signer: MessageSigning;
  readonly verifier: SignatureCheck;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly work: WorkCounter;
  /** A value above this many bytes is not copied into its dead letter (16 MiB). */
  readonly deadLetterBytesMax?: number;
  /** Called after a commit that left something in the outbox: the relay's `wake`. */
  readonly onSaid?: () => void;
}

/** Applies the new events of a batch; everything it does goes through `unit`. */
export type BatchHandler<T extends Topic> = (
  unit: Unit,
  events: IncomingEvent<T>[],
) => Promise<void>;

/** A batch on its way into the database. */
interface Taking {
  readonly batch: Batch;
  readonly judged: readonly (Accepted | Rejected)[];
  /** Bytes of its values. */
  readonly bytes: number;
  readonly handle: (unit: Unit, events: IncomingEvent[]) => Promise<void>;
  /** The lowest offset behind the batch. */
  readonly next: bigint;
}

/** What a transaction did, for the counters once it has committed. */
interface Outcome {
  readonly applied: number;
  readonly again: number;
  readonly refused: readonly string[];
  readonly said: number;
  /** What is left to be done where nothing can fail any more. */
  committed(): void;
}

const commitTriesMax = 3;
const valueBytesMax = 16 * 1024 * 1024;
/** Transactions of one consumer under way at once. */
const lanes = 2;
/** Batches of several partitions go into one transaction up to here: larger ones gain nothing. */
const joinedMessagesMax = 500;
const joinedBytesMax = 4 * 1024 * 1024;

/**
 * Takes batches from Kafka into the database so that each event has its effect once: inbox, facts,
 * outbox, dead letters, alerts and the next offset commit together.
 */
export class Intake {
  private readonly counters: IntakeMetrics;
  private readonly queues = new Map<string, JoinQueue<Taking>>();

  constructor(private readonly options: IntakeOptions) {
    this.counters = new IntakeMetrics(options.metrics);
  }

  /**
   * Processes a batch: messages that were processed before are skipped, bad ones go to the dead
   * letters, the rest goes to `handle`, all in one transaction. Where `handle` fails on some event,
   * the rest is applied without it. `handle` may run several times before it counts.
   *
   * Small batches of several partitions of a topic share a transaction, and one call of `handle`; where
   * that fails each is taken alone.
   *
   * Throws only for trouble (database, Kafka), after which the same batch may be taken again.
   */
  async take<T extends Topic>(batch: Batch, handle: BatchHandler<T>): Promise<void> {
    try {
      const last = batch.messages.at(-1);
      if (last === undefined) return;
      const topic = topicOf<T>(batch.topic);
      const isOfTopic = (event: IncomingEvent): event is IncomingEvent<T> => event.topic === topic;
      await this.queueOf(batch.group).add({
        batch,
        judged: batch.messages.map((raw) => judge<Topic>(topic, raw, this.options.verifier)),
        bytes: batch.messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
        handle: (unit, events) => handle(unit, events.filter(isOfTopic)),
        next: last.offset + 1n,
      });
    } catch (error) {
      batch.noteFailure?.(error);
      throw error;
    }
  }

  private queueOf(group: string): JoinQueue<Taking> {
    const known = this.queues.get(group);
    if (known !== undefined) return known;
    const work = (takings: readonly Taking[]): Promise<void> => this.takeAll(takings);
    const made = new JoinQueue({ lanes, mayJoin, work, isShared: isInfrastructureError });
    this.queues.set(group, made);
    return made;
  }

  /** Batches of one topic and different partitions, in one transaction. */
  private async takeAll(takings: readonly Taking[]): Promise<void> {
    const { database, logger, onSaid } = this.options;
    let halving = false;
    for (let tries = 1; ; tries += 1) {
      try {
        failpoint('batch-judged');
        const outcome = await database.transaction((tx) => this.apply(tx, takings, halving));
        failpoint('committed');
        outcome.committed();
        this.counters.note(placeOf(takings).topic, outcome);
        if (outcome.said > 0) onSaid?.();
        return;
      } catch (error) {
        if (error instanceof HandlerFailed && !halving && takings.length === 1) {
          halving = true;
          const { topic, partition } = placeOf(takings);
          const fields = { err: error.cause, topic, partition };
          logger.error(fields, 'a handler failed; looking for the event to blame');
        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) throw error;
        // After a lost COMMIT the stored offset tells: a batch that is in is skipped whole.
      }
    }
  }

  private async apply(tx: Tx, takings: readonly Taking[], halving: boolean): Promise<Outcome> {
    failpoint('transaction-begun');
    const waiting = await waitingOf(tx, takings);
    const behind = takings.map(({ batch, next }) => ({ partition: batch.partition, next }));
    if (waiting.length === 0) {
      await advanceOffsets(tx, placeOf(takings), behind);
      const again = takings.reduce((sum, { judged }) => sum + judged.length, 0);
      return { applied: 0, again, refused: [], said: 0, committed: () => undefined };
    }
    const buffer = new UnitBuffer(tx, this.options.clock.now(), this.options);
    const accepted = waiting.filter((one) => one.kind === 'accepted');
    for (const one of waiting) if (one.kind === 'rejected') this.reject(buffer, one);
    const sorted = await takeOnce(tx, accepted);
    failpoint('inbox-taken');
    for (const one of sorted.reused) this.refuseReused(buffer, one);
    await this.applyFresh(buffer, sorted, { takings, halving });
    failpoint('facts-booked');
    await forget(tx, this.marksOf(buffer, sorted));
    const said = await this.close(tx, buffer);
    failpoint('outbox-written');
    await advanceOffsets(tx, placeOf(takings), behind);
    const refused = buffer.refused.map(({ code }) => code);
    return {
      applied: sorted.fresh.length,
      again: sorted.again.length,
      refused,
      said,
      committed: () => buffer.committed(),
    };
  }

  private async applyFresh(
    buffer: UnitBuffer,
    { fresh }: Sorted<Accepted>,
    how: { readonly takings: readonly Taking[]; readonly halving: boolean },
  ): Promise<void> {
    const [taking] = how.takings;
    if (fresh.length === 0 || taking === undefined) return;
    this.options.work.begin(fresh.length);
    const events = fresh.map((one) => one.incoming);
    if (!how.halving) {
      await blaming(() => taking.handle(buffer, events));
      return;
    }
    await bisect<IncomingEvent>(
      {
        tx: buffer.tx,
        buffer,
        apply: (part) => taking.handle(buffer, part),
        poison: (event, error) => this.poison(buffer, event, error),
      },
      events,
    );
  }

  private close(tx: Tx, buffer: UnitBuffer): Promise<number> {
    const { service, signer } = this.options;
    const deadLetterBytesMax = this.options.deadLetterBytesMax ?? valueBytesMax;
    return closeUnit(tx, buffer, { service, signer, deadLetterBytesMax });
  }

  /** Marks of fresh events that were refused; an event whose id was reused keeps the first's. */
  private marksOf(buffer: UnitBuffer, { fresh }: Sorted<Accepted>): string[] {
    if (buffer.refused.length === 0) return [];
    const at = ({ partition, offset }: IncomingEvent): string => `${partition}/${offset}`;
    const refused = new Set(buffer.refused.map(({ event }) => event && at(event)));
    return fresh.filter(({ incoming }) => refused.has(at(incoming))).map((one) => one.eventKey);
  }

  private reject(buffer: UnitBuffer, { raw, code, reason }: Rejected): void {
    buffer.refused.push({ raw, code, reason, event: null });
    if (code === 'unauthenticated' && this.isOurs(raw.topic)) buffer.alert(forgedAlert(raw));
  }

  private refuseReused(buffer: UnitBuffer, { incoming }: Accepted): void {
    const { id, source } = incoming.event;
    const reason = `id: ${id} of ${source} was used before for another content`;
    // Without its event, so that the mark of the one that came first stays.
    buffer.refused.push({ raw: incoming.raw, code: 'event-id-reused', reason, event: null });
    if (this.isOurs(incoming.topic)) buffer.alert(reusedAlert(incoming));
  }

  private poison(buffer: UnitBuffer, event: IncomingEvent, error: Error): void {
    const { service, logger } = this.options;
    const { topic, partition, offset } = event;
    logger.error({ err: error.cause, topic, partition, offset: String(offset) }, 'poison event');
    buffer.refuse(event, 'invalid-data', `${service} cannot process it: ${error.message}`);
    buffer.alert(poisonAlert(service, event, error.message));
  }

  private isOurs(topic: string): boolean {
    return isDeadLetterer(this.options.service, topic);
  }
}

function mayJoin(group: readonly Taking[], one: Taking): boolean {
  const together = [...group, one];
  return (
    group.every(({ batch }) => batch.topic === one.batch.topic) &&
    group.every(({ batch }) => batch.partition !== one.batch.partition) &&
    together.reduce((sum, { judged }) => sum + judged.length, 0) <= joinedMessagesMax &&
    together.reduce((sum, { bytes }) => sum + bytes, 0) <= joinedBytesMax
  );
}

function placeOf([first]: readonly Taking[]): Batch {
  if (first === undefined) throw new TypeError('nothing is taken');
  return first.batch;
}

/** The messages at and behind the stored offsets, whose rows are locked from here on. */
async function waitingOf(
  tx: Tx,
  takings: readonly Taking[],
): Promise<readonly (Accepted | Rejected)[]> {
  const places = takings.map(({ batch }) => {
    const { partition } = batch;
    return { partition, first: batch.from ?? batch.messages[0]?.offset ?? 0n };
  });
  const stored = await lockOffsets(tx, placeOf(takings), places);
  return takings.flatMap(({ batch, judged }) => {
    const { topic, partition, from } = batch;
    const next = stored.get(partition) ?? from ?? 0n;
    if (from !== undefined && next < from) {
      throw new StoredOffsetBehind(`${topic}/${partition}: ${next} stored, ${from} expected`);
    }
    return judged.filter((one) => {
      const { offset } = one.kind === 'accepted' ? one.incoming : one.raw;
      return offset >= next;
    });
  });
}
