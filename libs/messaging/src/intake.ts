import type { ServiceName, Topic } from '@qingfen/contracts';
import type { Clock } from '@qingfen/clock';
import { CommitUnknown, type Database, type Tx } from '@qingfen/database';
import type { Logger, Metrics, WorkCounter } from '@qingfen/telemetry';
import { isDeadLetterer } from './dead-letters.js';
import { forget, takeOnce, type Sorted } from './inbox.js';
import { IntakeMetrics } from './intake-metrics.js';
import { judge, topicOf, type Accepted, type Rejected, type SignatureCheck } from './judge.js';
import { advanceOffset, lockOffset, StoredOffsetBehind } from './offset-store.js';
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
interface Taking<T extends Topic> {
  readonly batch: Batch;
  readonly judged: readonly (Accepted<T> | Rejected)[];
  readonly handle: BatchHandler<T>;
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

/**
 * Takes batches from Kafka into the database so that each event has its effect once: inbox, facts,
 * outbox, dead letters, alerts and the next offset commit together.
 */
export class Intake {
  private readonly counters: IntakeMetrics;

  constructor(private readonly options: IntakeOptions) {
    this.counters = new IntakeMetrics(options.metrics);
  }

  /**
   * Processes a batch: messages that were processed before are skipped, bad ones go to the dead
   * letters, the rest goes to `handle`, all in one transaction. Where `handle` fails on some event,
   * the rest is applied without it. `handle` may run several times before it counts.
   *
   * Throws only for trouble (database, Kafka), after which the same batch may be taken again.
   */
  async take<T extends Topic>(batch: Batch, handle: BatchHandler<T>): Promise<void> {
    try {
      await this.takeAll(batch, handle);
    } catch (error) {
      batch.noteFailure?.(error);
      throw error;
    }
  }

  private async takeAll<T extends Topic>(batch: Batch, handle: BatchHandler<T>): Promise<void> {
    const last = batch.messages.at(-1);
    if (last === undefined) return;
    const topic = topicOf<T>(batch.topic);
    const judged = batch.messages.map((raw) => judge(topic, raw, this.options.verifier));
    const taking = { batch, judged, handle, next: last.offset + 1n };
    let halving = false;
    for (let tries = 1; ; tries += 1) {
      try {
        const { database } = this.options;
        const outcome = await database.transaction((tx) => this.apply(tx, taking, halving));
        outcome.committed();
        this.counters.note(batch, outcome);
        if (outcome.said > 0) this.options.onSaid?.();
        return;
      } catch (error) {
        if (error instanceof HandlerFailed && !halving) {
          halving = true;
          const fields = { err: error.cause, topic, partition: batch.partition };
          this.options.logger.error(fields, 'a handler failed; looking for the event to blame');
        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) throw error;
        // After a lost COMMIT the stored offset tells: a batch that is in is skipped whole.
      }
    }
  }

  private async apply<T extends Topic>(
    tx: Tx,
    taking: Taking<T>,
    halving: boolean,
  ): Promise<Outcome> {
    const { batch, next } = taking;
    const waiting = await this.waiting(tx, taking);
    if (waiting.length === 0) {
      await advanceOffset(tx, batch, next);
      const again = taking.judged.length;
      return { applied: 0, again, refused: [], said: 0, committed: () => undefined };
    }
    const buffer = new UnitBuffer(tx, this.options.clock.now(), this.options);
    const accepted = waiting.filter((one) => one.kind === 'accepted');
    for (const one of waiting) if (one.kind === 'rejected') this.reject(buffer, one);
    const sorted = await takeOnce(tx, accepted);
    for (const one of sorted.reused) this.refuseReused(buffer, one);
    await this.applyFresh(buffer, sorted, { ...taking, halving });
    await forget(tx, this.marksOf(buffer, sorted));
    const said = await this.close(tx, buffer);
    await advanceOffset(tx, batch, next);
    const refused = buffer.refused.map(({ code }) => code);
    return {
      applied: sorted.fresh.length,
      again: sorted.again.length,
      refused,
      said,
      committed: () => buffer.committed(),
    };
  }

  /** The messages at and behind the stored offset, whose row is locked from here on. */
  private async waiting<T extends Topic>(
    tx: Tx,
    { batch, judged }: Taking<T>,
  ): Promise<readonly (Accepted<T> | Rejected)[]> {
    const first = batch.messages[0]?.offset ?? 0n;
    const stored = await lockOffset(tx, batch, batch.from ?? first);
    if (batch.from !== undefined && stored < batch.from) {
      const { topic, partition, from } = batch;
      throw new StoredOffsetBehind(`${topic}/${partition}: ${stored} stored, ${from} expected`);
    }
    if (stored <= first) return judged;
    return judged.filter((one) => {
      const { offset } = one.kind === 'accepted' ? one.incoming : one.raw;
      return offset >= stored;
    });
  }

  private async applyFresh<T extends Topic>(
    buffer: UnitBuffer,
    { fresh }: Sorted<Accepted<T>>,
    { handle, halving }: Taking<T> & { readonly halving: boolean },
  ): Promise<void> {
    if (fresh.length === 0) return;
    this.options.work.begin(fresh.length);
    const events = fresh.map((one) => one.incoming);
    if (!halving) {
      await blaming(() => handle(buffer, events));
      return;
    }
    await bisect<IncomingEvent<T>>(
      {
        tx: buffer.tx,
        buffer,
        apply: (part) => handle(buffer, part),
        poison: (event, error) => this.poison(buffer, event, error),
      },
      events,
    );
  }

  private close(tx: Tx, buffer: UnitBuffer): Promise<number> {
    const { service, signer, database } = this.options;
    const deadLetterBytesMax = this.options.deadLetterBytesMax ?? valueBytesMax;
    return closeUnit(tx, buffer, { service, signer, schema: database.schema, deadLetterBytesMax });
  }

  /** Marks of fresh events that were refused; an event whose id was reused keeps the first's. */
  private marksOf<T extends Topic>(buffer: UnitBuffer, { fresh }: Sorted<Accepted<T>>): string[] {
    if (buffer.refused.length === 0) return [];
    const refused = new Set(buffer.refused.map(({ event }) => event?.offset));
    return fresh.filter((one) => refused.has(one.incoming.offset)).map((one) => one.eventKey);
  }

  private reject(buffer: UnitBuffer, { raw, code, reason }: Rejected): void {
    buffer.refused.push({ raw, code, reason, event: null });
    if (code === 'unauthenticated' && this.isOurs(raw.topic)) buffer.alert(forgedAlert(raw));
  }

  private refuseReused<T extends Topic>(buffer: UnitBuffer, { incoming }: Accepted<T>): void {
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
