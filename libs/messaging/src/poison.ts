import type { Tx } from '@qingfen/database';
import { isInfrastructureError } from '@qingfen/database';
import { isKafkaError, messageOfError } from './kafka-errors.js';
import type { UnitBuffer } from './unit-buffer.js';

/** A handler failed on these very events: neither the database nor Kafka is to blame. */
export class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
}

/** Whether waiting is the answer; the events are not to blame. */
export function isTrouble(error: unknown): boolean {
  return isInfrastructureError(error) || isKafkaError(error);
}

/** Runs a handler; an error that the events are to blame for comes out as HandlerFailed. */
export async function blaming(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isTrouble(error)) throw error;
    throw new HandlerFailed(messageOfError(error), { cause: error });
  }
}

/** How a bisected batch is applied. */
export interface Bisection<E> {
  readonly tx: Tx;
  readonly buffer: UnitBuffer;
  readonly apply: (events: E[]) => Promise<void>;
  readonly poison: (event: E, error: Error) => void;
}

/**
 * Applies events in their order, each part under a savepoint of its own; a part that fails is
 * halved until a single event is left, which is the poison. Everything else stays applied.
 */
export async function bisect<E>(how: Bisection<E>, events: E[]): Promise<void> {
  const { tx, buffer } = how;
  const mark = buffer.mark();
  await tx.query('SAVEPOINT part');
  try {
    await blaming(() => how.apply(events));
    await tx.query('RELEASE SAVEPOINT part');
    return;
  } catch (error) {
    if (!(error instanceof HandlerFailed)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT part');
    await tx.query('RELEASE SAVEPOINT part');
    buffer.rewind(mark);
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      how.poison(first, error);
      return;
    }
  }
  const half = Math.ceil(events.length / 2);
  await bisect(how, events.slice(0, half));
  await bisect(how, events.slice(half));
}
