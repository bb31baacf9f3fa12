import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PartKind } from '@qingfen/core-plan';
import { audit, type ManualAct, notFound } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { currencyOfOrder } from './adjustment.store.js';
import {
  endEntryHolds,
  endHolds,
  openHolds,
  placeOperatorHold,
  type HoldReason,
  type HoldSubject,
} from './manual-hold.store.js';
import { isKnownPayee } from './payee-directory.js';

export type PayeeAct = ManualAct & { readonly payeeId: string };
export type RunAct = ManualAct & { readonly kind: PartKind };
type OrderAct = ManualAct & { readonly orderId: string };

/**
 * Holds by hand (R-HLD-1): positive entries of a held payee or order are not stated, negative ones are
 * netted all the same. Holding twice and releasing what is free change nothing and are audited.
 */
@Injectable()
export class ManualHoldService {
  /** @throws ProblemError 404 for an unknown payee */
  async holdPayee(unit: Unit, act: PayeeAct): Promise<HoldReason[]> {
    return this.change(unit, act, await payeeOf(unit, act), 'hold', (subject) =>
      placeOperatorHold(unit.tx, subject, randomUUID(), unit.now),
    );
  }

  /** Ends the operator's holds, those of the payee's give-backs included. */
  async releasePayee(unit: Unit, act: PayeeAct): Promise<HoldReason[]> {
    return this.change(unit, act, await payeeOf(unit, act), 'release', async (subject) => {
      await endHolds(unit.tx, subject, ['operator'], unit.now);
      await endEntryHolds(unit.tx, act.shopId, act.payeeId, unit.now);
    });
  }

  /** The account works again: ends the hold that a refused payout caused. */
  async mendPayee(unit: Unit, act: PayeeAct): Promise<HoldReason[]> {
    return this.change(unit, act, await payeeOf(unit, act), 'mend', async (subject) => {
      await endHolds(unit.tx, subject, ['payee-account'], unit.now);
      unit.resolveAlert('payee-account', { type: 'payee', id: act.payeeId }, act.shopId);
    });
  }

  /** @throws ProblemError 404 until the order's completion is processed */
  async holdOrder(unit: Unit, act: OrderAct): Promise<HoldReason[]> {
    return this.change(unit, act, await orderOf(unit, act), 'hold', (subject) =>
      placeOperatorHold(unit.tx, subject, randomUUID(), unit.now),
    );
  }

  /** Ends the operator's hold and that of a refused refund; a dispute ends with its resolution. */
  async releaseOrder(unit: Unit, act: OrderAct): Promise<HoldReason[]> {
    return this.change(unit, act, await orderOf(unit, act), 'release', async (subject) => {
      await endHolds(unit.tx, subject, ['operator', 'refund-refused'], unit.now);
      unit.resolveAlert('refund-refused', { type: 'order', id: act.orderId }, act.shopId);
    });
  }

  /** Runs of the kind neither begin nor go on; a chunk that is under way ends. */
  async holdRuns(unit: Unit, act: RunAct): Promise<HoldReason[]> {
    return this.change(unit, act, runsOf(act), 'hold', (subject) =>
      placeOperatorHold(unit.tx, subject, randomUUID(), unit.now),
    );
  }

  /** Those that were due take place now, oldest first. */
  async releaseRuns(unit: Unit, act: RunAct): Promise<HoldReason[]> {
    return this.change(unit, act, runsOf(act), 'release', (subject) =>
      endHolds(unit.tx, subject, ['operator'], unit.now),
    );
  }

  private async change(
    unit: Unit,
    { shopId, caller, reason }: ManualAct,
    subject: HoldSubject,
    verb: 'hold' | 'release' | 'mend',
    work: (subject: HoldSubject) => Promise<unknown>,
  ): Promise<HoldReason[]> {
    const before = await openHolds(unit.tx, subject);
    await work(subject);
    const after = await openHolds(unit.tx, subject);
    await audit(unit.tx, {
      caller,
      action: `${subject.type}.${verb}`,
      subject: { type: subject.type, id: subject.id },
      shopId,
      before: { holds: before },
      after: { holds: after },
      reason,
      at: unit.now,
    });
    return after;
  }
}

function runsOf({ shopId, kind }: RunAct): HoldSubject {
  return { shopId, type: 'run', id: kind };
}

async function payeeOf(unit: Unit, { shopId, payeeId }: PayeeAct): Promise<HoldSubject> {
  if (await isKnownPayee(unit.tx, shopId, payeeId)) return { shopId, type: 'payee', id: payeeId };
  throw notFound(`The shop has no payee ${payeeId}.`);
}

async function orderOf(unit: Unit, { shopId, orderId }: OrderAct): Promise<HoldSubject> {
  const currency = await currencyOfOrder(unit.tx, shopId, orderId);
  if (currency === undefined) throw notFound('No such order is completed.');
  return { shopId, type: 'order', id: orderId };
}
