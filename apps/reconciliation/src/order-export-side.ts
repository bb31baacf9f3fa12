import { compareExport } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';
import type { PricedFinding } from './comparison.service.js';
import { ordersInDoubt } from './order-export-side.store.js';

const ordersAtOnce = 1_000;

/** Where these orders differ from the exports that decide on them; others are left out. */
export async function exportFindings(
  reader: Pick<Tx, 'query'>,
  shopId: string,
  orderIds: readonly string[],
): Promise<PricedFinding[]> {
  const findings: PricedFinding[] = [];
  for (let at = 0; at < orderIds.length; at += ordersAtOnce) {
    const some = orderIds.slice(at, at + ordersAtOnce);
    const doubtful = await ordersInDoubt(reader, shopId, some);
    findings.push(...doubtful.flatMap((order) => compareExport(order) ?? []));
  }
  return findings;
}
