import { Inject, Injectable } from '@nestjs/common';
import { beijingDay, findingKey } from '@qingfen/core-reconciliation';
import type { Unit } from '@qingfen/messaging';
import { DifferenceService } from './difference.service.js';
import { exportFindings } from './order-export-side.js';
import { openWithExports } from './order-export-side.store.js';

/** An order by its shop and id. */
export interface OrderName {
  readonly shopId: string;
  readonly orderId: string;
}

/** Looks again at orders that differ from their export when something is told of them. */
@Injectable()
export class OrderExportLook {
  constructor(@Inject(DifferenceService) private readonly differences: DifferenceService) {}

  /** In the transaction that keeps what was told; nearly always there is nothing to look at. */
  async again(unit: Unit, told: readonly OrderName[]): Promise<void> {
    const open = await openWithExports(unit.tx, told);
    // Shops in their order: two batches wait for each other's locks, and never in a ring.
    for (const shopId of [...new Set(open.map((one) => one.shopId))].sort()) {
      const orderIds = open.flatMap((one) => (one.shopId === shopId ? [one.orderId] : []));
      const findings = await exportFindings(unit.tx, shopId, orderIds);
      const lookedAt = orderIds.map((id) => exportKey(id));
      const day = beijingDay(unit.now);
      await this.differences.note(unit, { shopId, day }, { findings, lookedAt, seenIn: 'bill' });
    }
  }
}

function exportKey(orderId: string): string {
  return findingKey({ comparison: 'exports', subject: { type: 'order', id: orderId } });
}
