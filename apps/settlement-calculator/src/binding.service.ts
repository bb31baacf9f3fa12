import { Inject, Injectable } from '@nestjs/common';
import type { BindBody } from '@qingfen/contracts';
import { windowEndsAt, type OrderFact } from '@qingfen/core-settlement';
import {
  audit,
  conflict,
  invalid,
  type ManualAct,
  notFound,
  type ProblemError,
} from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { bindOrders } from './accrual.store.js';
import { AccrualService } from './accrual.service.js';
import { keepEvidence } from './copies.store.js';
import { CorrectionService } from './correction.service.js';
import { EntryBook, lockForEntries } from './entry-book.js';
import { endNoPlan } from './odd-orders.js';
import { orderColumns, orderOfRow, type OrderRow } from './order-fact.js';
import { settleOrderOutside } from './outside.store.js';
import { PlanShelf, type StoredVersion } from './plan-shelf.js';

type UnboundRow = OrderRow & { readonly plan_version: number | null };

export interface BindAct extends Omit<ManualAct, 'reason'> {
  readonly orderId: string;
  readonly body: BindBody;
}

/** Orders that were paid when no plan was in force, bound by an operator (domain.md 2.2). */
@Injectable()
export class BindingService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(AccrualService) private readonly accrual: AccrualService,
    @Inject(CorrectionService) private readonly corrections: CorrectionService,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /**
   * Books the order under the version, refunds that were told meanwhile included. What was settled
   * elsewhere is closed at once and never paid; the rest matures as usual and needs no evidence.
   * @throws ProblemError 404, 409 for an order that a version binds, 422 for an unfit version
   */
  async bind(unit: Unit, act: BindAct): Promise<void> {
    const { shopId, orderId, caller, body } = act;
    await lockForEntries(unit.tx, [shopId]);
    const row = await lockUnbound(unit, shopId, orderId);
    const order = orderOfRow(row);
    const version = await this.versionOf(unit, order, body.version);
    const endsAt = windowEndsAt(order.completedAt, version.plan);
    await bindOrders(unit.tx, [{ order, planVersion: version.version, windowEndsAt: endsAt }]);
    await unit.tx.query(
      `UPDATE completed_order SET bound_by = $3, settled_outside = $4
        WHERE shop_id = $1 AND order_id = $2`,
      [shopId, orderId, caller.subject, body.settledOutside],
    );
    // Nobody announces the window of an order without a plan: the operator's word is the evidence.
    const { completedAt } = order;
    await keepEvidence(unit.tx, [{ shopId, orderId, completedAt, closedAt: endsAt }]);
    await this.accrual.bookOrders(unit, [{ order, version }]);
    await this.corrections.bookEarlier(unit, [order]);
    if (body.settledOutside) await settleOrderOutside(this.book, unit, order);
    await endNoPlan(unit, [shopId]);
    await audit(unit.tx, {
      caller,
      action: 'order.bind',
      subject: { type: 'order', id: orderId },
      shopId,
      before: { planVersion: null },
      after: { planVersion: version.version, settledOutside: body.settledOutside },
      reason: body.reason,
      at: unit.now,
    });
  }

  private async versionOf(unit: Unit, order: OrderFact, wanted: number): Promise<StoredVersion> {
    const versions = (await this.plans.versionsOf(unit.tx, [order.shopId])).get(order.shopId);
    const version = versions?.find((one) => one.version === wanted);
    if (version === undefined) throw unfit('is no version of the shop', '不是本店铺的规则版本');
    if (version.withdrawnAt !== null) throw unfit('was withdrawn', '该版本已撤回');
    if (version.plan.currency === order.currency) return version;
    throw unfit(`is in ${version.plan.currency}, not ${order.currency}`, '该版本的币种与订单不同');
  }
}

async function lockUnbound(unit: Unit, shopId: string, orderId: string): Promise<UnboundRow> {
  const [row] = await unit.tx.query<UnboundRow>(
    `SELECT ${orderColumns}, plan_version FROM completed_order
      WHERE shop_id = $1 AND order_id = $2 FOR UPDATE`,
    [shopId, orderId],
  );
  if (row === undefined) throw notFound('No such order is completed.');
  if (row.plan_version === null) return row;
  throw conflict('bound-already', `Version ${row.plan_version} binds the order already.`);
}

function unfit(message: string, messageZh: string): ProblemError {
  return invalid([{ pointer: '/version', message, messageZh }]);
}
