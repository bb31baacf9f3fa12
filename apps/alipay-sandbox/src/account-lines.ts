import type { Merchant, MerchantMovement, MovementKind } from './money.js';

/** One movement of a merchant's balance as bills and logs show it. */
export interface AccountLine extends MerchantMovement {
  /** Alipay's number of the line. */
  readonly logId: string;
  /** The balance after it in the order of the bill, whatever was booked later for an earlier day. */
  readonly balanceAfterMinor: bigint;
  /** 业务类型 */
  readonly kind: string;
}

const KINDS: Readonly<Record<Exclude<MovementKind, 'set'>, string>> = {
  'top-up': '充值',
  withdrawal: '提现',
  fee: '收费',
  payment: '在线支付',
  refund: '交易退款',
  transfer: '转账',
  'transfer-return': '转账',
  royalty: '交易分账',
  'royalty-return': '交易分账',
};

/** The lines of a half-open span of business time, oldest first. */
export function accountLines(merchant: Merchant, fromMs: number, toMs: number): AccountLine[] {
  const inOrder = [...merchant.movements].sort((a, b) => a.at - b.at || a.serial - b.serial);
  let balanceAfterMinor = 0n;
  const lines: AccountLine[] = [];
  for (const movement of inOrder) {
    balanceAfterMinor += movement.amountMinor;
    if (movement.at < fromMs || movement.at >= toMs) continue;
    const logId = `3${String(movement.serial).padStart(11, '0')}`;
    lines.push({ ...movement, logId, balanceAfterMinor, kind: kindOf(movement) });
  }
  return lines;
}

/** A balance that was set is money that came or left. */
function kindOf({ type, amountMinor }: MerchantMovement): string {
  if (type !== 'set') return KINDS[type];
  return amountMinor > 0n ? KINDS['top-up'] : KINDS.withdrawal;
}
