import type { orderMessage, payeeMessage } from '@qingfen/testing';

/** An order of one line that owes one distributor. */
export function orderOf(
  shopId: string,
  order: { readonly orderId: string; readonly at: string; readonly payeeId: string },
): Parameters<typeof orderMessage>[0] {
  const { orderId, at, payeeId } = order;
  return {
    ...{ shopId, orderId, currency: 'CNY', paidAt: at, completedAt: at },
    items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
    distributors: [payeeId],
  };
}

/** A distributor with an account that is normal. */
export function payeeOf(shopId: string, payeeId: string): Parameters<typeof payeeMessage>[0] {
  const identity = `${payeeId}@example.test`;
  const alipay = { identityType: 'ALIPAY_LOGON_ID', identity, name: payeeId } as const;
  return { shopId, payeeId, name: payeeId, roles: ['distributor'], alipay };
}
