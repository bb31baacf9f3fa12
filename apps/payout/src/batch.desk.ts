import { Inject, Injectable } from '@nestjs/common';
import type { Payout as ShownPayout } from '@qingfen/contracts';
import { decideBatchCancel, paidWithoutUs, type Payout } from '@qingfen/core-payout';
import { Database, isInfrastructureError } from '@qingfen/database';
import { audit, conflict, LOGGER, notFound } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import {
  askBatchesSoon,
  loadBatches,
  lockMembers,
  type Batch,
  type BatchKey,
} from './batch.store.js';
import { recordVerdicts } from './decision-book.js';
import type { Merchant } from './merchant.js';
import { Merchants } from './merchants.js';
import type { ActOrder } from './payout.service.js';
import { loadPayouts } from './payout.store.js';
import { Wake } from './wake.js';

/** What an operator wants of the batch that a payout is one of. */
type BatchOrder = Pick<ActOrder, 'key' | 'caller' | 'reason'>;

/** Shows batches, with the link for their payer, and closes those that nobody is to confirm (R-ALI-2). */
@Injectable()
export class BatchDesk {
  constructor(
    private readonly database: Database,
    private readonly units: Units,
    private readonly merchants: Merchants,
    private readonly wake: Wake,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The batches of these payouts of one shop, by payout id. */
  async shown(
    shopId: string,
    payouts: readonly Payout[],
  ): Promise<Map<string, ShownPayout['batch']>> {
    const numbers = payouts.flatMap(({ batchNo }) => (batchNo === null ? [] : [batchNo]));
    const batches = await loadBatches(this.database, shopId, [...new Set(numbers)]);
    if (batches.size === 0) return new Map();
    const merchant = await this.merchantOf(shopId);
    return new Map(
      payouts.flatMap((payout) => {
        const batch = batches.get(payout.batchNo ?? '');
        if (batch === undefined) return [];
        return [[payout.payoutId, batchShown(payout, batch, merchant)] as const];
      }),
    );
  }

  /**
   * Has Alipay pay nothing of a batch any more, or ends what it does not have. Each payout then ends by
   * what Alipay says of it.
   *
   * @throws ProblemError 404, 409
   */
  async close({ key, caller, reason }: BatchOrder): Promise<void> {
    const [seen] = await loadPayouts(this.database, [key]);
    if (seen === undefined) throw notFound(`The shop has no payout ${key.payoutId}.`);
    const { shopId, batchNo, appId, outBizNo } = seen.payout;
    if (batchNo === null) throw conflict('not-in-a-batch', 'The payout is paid by itself.');
    const merchant = await this.merchants.of(shopId);
    if (merchant === null || merchant.appId !== appId) {
      throw conflict('merchant-changed', 'Its batch belongs to another merchant.');
    }
    const batch = { shopId, batchNo };
    const look = await merchant.askBatch(batchNo);
    const detail = look.detailOf(outBizNo);
    if (detail.kind === 'unconfirmed' && look.batchTransId !== null) {
      const closing = await merchant.closeBatch(look.batchTransId);
      if (closing.kind === 'open') throw conflict('may-be-paid', `Alipay: ${closing.why}.`);
    } else if (detail.kind !== 'not-found') {
      throw conflict('may-be-paid', 'Alipay does not say that its payer may still confirm it.');
    }
    await this.units.run(async (unit) => {
      if (detail.kind === 'not-found') await cancelAll(unit, batch, { caller, reason });
      else await askBatchesSoon(unit.tx, [batch]);
      await audit(unit.tx, {
        caller,
        action: 'payout.close-batch',
        subject: { type: 'batch', id: batchNo },
        shopId,
        before: null,
        after: { at: detail.kind === 'not-found' ? 'here' : 'alipay' },
        reason,
        at: unit.now,
      });
    });
    this.wake.now();
  }

  /** The shop's application; null where it has none or its keys cannot be used: no link is shown then. */
  private async merchantOf(shopId: string): Promise<Merchant | null> {
    try {
      return await this.merchants.of(shopId);
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      return null;
    }
  }
}

async function cancelAll(
  unit: Unit,
  batch: BatchKey,
  { caller, reason }: Pick<BatchOrder, 'caller' | 'reason'>,
): Promise<void> {
  const members = await lockMembers(unit.tx, batch);
  const actor = { userId: caller.subject, reason };
  const verdicts = members.map((held) => {
    const decision = decideBatchCancel(held.payout, actor, unit.now);
    if (decision === null) {
      const { payoutId, state } = held.payout;
      throw conflict('not-in-this-state', `Payout ${payoutId} of the batch is ${state}.`);
    }
    return { held, decision };
  });
  await recordVerdicts(unit, verdicts);
}

function batchShown(
  { state, reason, currency, appId }: Payout,
  { batchNo, payouts, amountMinor, batchTransId }: Batch,
  merchant: Merchant | null,
): ShownPayout['batch'] {
  const isOpen = state === 'waiting' && reason === paidWithoutUs;
  const canShow = isOpen && batchTransId !== null && merchant?.appId === appId;
  const confirmUrl = canShow ? merchant.confirmationLink(batchTransId) : null;
  return { batchNo, payouts, amount: formatAmount(minor(amountMinor), currency), confirmUrl };
}
