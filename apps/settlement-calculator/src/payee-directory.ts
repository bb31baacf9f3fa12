import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '@qingfen/database';
import { TopicBarrier } from '@qingfen/hosting';
import { groups } from './groups.js';
import { notFound } from './request.js';

const waitMs = 3_000;
const pollMs = 50;

/** Whether this service has heard of a payee: it was told, or something is or was owed to it. */
export async function isKnownPayee(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  payeeId: string,
): Promise<boolean> {
  const [row] = await tx.query<{ known: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM payee WHERE shop_id = $1 AND payee_id = $2)
         OR EXISTS (SELECT 1 FROM statement WHERE shop_id = $1 AND payee_id = $2)
         OR EXISTS (SELECT 1 FROM open_entry WHERE shop_id = $1 AND payee_id = $2
                       AND kind IN ('commission', 'supplier', 'team-reward')) AS known`,
    [shopId, payeeId],
  );
  return row?.known === true;
}

/** Payees as this service knows them: a payee that was just put may not have been heard of yet. */
@Injectable()
export class PayeeDirectory {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TopicBarrier) private readonly barrier: Pick<TopicBarrier, 'endOffsets' | 'reached'>,
  ) {}

  /**
   * Waits, if the payee is not known, until what stands on the payee topic now is applied.
   * @throws ProblemError 404
   */
  async find(shopId: string, payeeId: string): Promise<void> {
    if (await isKnownPayee(this.database, shopId, payeeId)) return;
    const ends = await this.barrier.endOffsets('payee-upserted');
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
      const isApplied = await this.barrier.reached(groups.rest, 'payee-upserted', ends);
      if (await isKnownPayee(this.database, shopId, payeeId)) return;
      if (isApplied) break;
      await pause(pollMs);
    }
    throw notFound(`The shop has no payee ${payeeId}.`);
  }
}
