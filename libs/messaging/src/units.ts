import type { ServiceName } from '@qingfen/contracts';
import type { Clock } from '@qingfen/clock';
import type { Database } from '@qingfen/database';
import type { MessageSigning } from './outbox.js';
import { UnitBuffer } from './unit-buffer.js';
import { closeUnit } from './unit-closing.js';
import type { Unit } from './unit.js';

/** What units of work are made of. */
export interface UnitsOptions {
  readonly database: Database;
  readonly service: ServiceName;
  readonly signer: MessageSigning;
  readonly clock: Clock;
  /** Called after a commit that left something in the outbox: the relay's `wake`. */
  readonly onSaid?: () => void;
}

/** Values for dead letters play no part outside of consuming. */
const noDeadLetters = 0;

/**
 * Transactions for work that does not come from Kafka: requests, runs, workers. What a unit says
 * reaches Kafka if and only if it commits.
 */
export class Units {
  constructor(private readonly options: UnitsOptions) {}

  /**
   * Runs `work` in one transaction; after a deadlock or serialization failure it runs again from
   * the start, so it must leave nothing behind outside of `unit`.
   * @throws CommitUnknown when nobody can say whether it committed
   */
  async run<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    return unitOfWork(this.options, work);
  }
}

/** {@link Units.run} without an injectable. */
export async function unitOfWork<T>(
  options: UnitsOptions,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const { database, service, signer, clock, onSaid } = options;
  const { buffer, said, result } = await database.transaction(async (tx) => {
    const buffer = new UnitBuffer(tx, clock.now(), { service, signer });
    const result = await work(buffer);
    if (buffer.refused.length > 0) throw new TypeError('only what came from Kafka is refused');
    const deadLetterBytesMax = noDeadLetters;
    const said = await closeUnit(tx, buffer, { service, signer, deadLetterBytesMax });
    return { buffer, said, result };
  });
  buffer.committed();
  if (said > 0) onSaid?.();
  return result;
}
