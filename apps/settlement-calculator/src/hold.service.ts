import { Injectable } from '@nestjs/common';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { holdOrder, isDisputed, isStated, keepDispute, releaseOrder } from './hold.store.js';

type Opened = IncomingEvent<'order-disputed'>;
type Resolved = IncomingEvent<'order-dispute-resolved'>;

/** Disputes hold an order's money until all of them are resolved; amounts and maturity stay. */
@Injectable()
export class HoldService {
  /** A dispute that was resolved before it was opened holds nothing. */
  async open(unit: Unit, events: readonly Opened[]): Promise<void> {
    for (const event of events) {
      const { shopId, orderId, disputeId, reason } = event.data;
      const openedAt = new Date(event.data.openedAt);
      const kept = await keepDispute(unit.tx, event.data, { openedAt, reason, resolvedAt: null });
      if (kept.opened_at?.getTime() !== openedAt.getTime() || kept.reason !== reason) {
        refuseOther(unit, event);
        continue;
      }
      if (kept.resolved_at !== null) continue;
      await holdOrder(unit.tx, {
        shopId,
        orderId,
        reason: 'dispute',
        key: disputeId,
        at: openedAt,
      });
      if (await isStated(unit.tx, shopId, orderId)) alertStated(unit, event);
    }
  }

  async resolve(unit: Unit, events: readonly Resolved[]): Promise<void> {
    for (const event of events) {
      const { shopId, orderId, disputeId } = event.data;
      const resolvedAt = new Date(event.data.resolvedAt);
      const change = { openedAt: null, reason: null, resolvedAt };
      const kept = await keepDispute(unit.tx, event.data, change);
      if (kept.resolved_at?.getTime() !== resolvedAt.getTime()) {
        refuseOther(unit, event);
        continue;
      }
      const hold = { shopId, orderId, reason: 'dispute', key: disputeId, at: resolvedAt } as const;
      await releaseOrder(unit.tx, hold);
      if (!(await isDisputed(unit.tx, shopId, orderId))) {
        unit.resolveAlert('dispute-after-statement', { type: 'order', id: orderId }, shopId);
      }
    }
  }
}

function refuseOther(unit: Unit, event: Opened | Resolved): void {
  const { shopId, orderId, disputeId } = event.data;
  unit.refuse(
    event,
    'contradicts',
    `data.disputeId: "${disputeId}" of order "${orderId}" is known with other data; the first stands`,
  );
  unit.alert({
    class: 'dispute-contradicted',
    severity: 'warning',
    ends: 'when-acknowledged',
    shopId,
    subject: { type: 'order', id: orderId },
    message: `Dispute ${disputeId} of order ${orderId} was told twice with different data.`,
    messageZh: `订单 ${orderId} 的争议 ${disputeId} 两次通知的数据不一致,以第一次为准。`,
  });
}

function alertStated(unit: Unit, { data }: Opened): void {
  unit.alert({
    class: 'dispute-after-statement',
    severity: 'warning',
    shopId: data.shopId,
    subject: { type: 'order', id: data.orderId },
    message: `Order ${data.orderId} is disputed after its money was stated.`,
    messageZh: `订单 ${data.orderId} 在款项已结算后发生争议。`,
  });
}
