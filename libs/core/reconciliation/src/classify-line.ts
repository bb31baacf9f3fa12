/** What a line of a bill is (domain.md 9). */
export const lineClasses = [
  'ours',
  'trade',
  'trade-refund',
  'split',
  'fee',
  'top-up',
  'withdrawal',
  'other',
] as const;
export type LineClass = (typeof lineClasses)[number];

/** What a line is classed by. */
export interface LineFacts {
  /** 业务类型, as Alipay writes it. */
  readonly kind: string;
  /** 商户订单号 */
  readonly outNo: string;
}

/** The number of a payout of ours: `QF` and 30 hex digits (domain.md 7). */
const ourNumber = /^QF[0-9a-f]{30}$/;

/**
 * Alipay's own words; those that are not here are `other`, which is looked at by a person.
 * Source: alipay.md 8.2, 2026-11; Alipay publishes no list of them.
 */
const classOfKind: ReadonlyMap<string, LineClass> = new Map([
  ['在线支付', 'trade'],
  ['交易付款', 'trade'],
  ['交易退款', 'trade-refund'],
  ['交易分账', 'split'],
  ['收费', 'fee'],
  ['退费', 'fee'],
  ['充值', 'top-up'],
  ['提现', 'withdrawal'],
]);

/** Whether a number can be one of ours. */
export function isOurNumber(outNo: string): boolean {
  return ourNumber.test(outNo);
}

/** The class of a line. A fee for one of our payouts bears its number and is a fee all the same. */
export function classifyLine({ kind, outNo }: LineFacts): LineClass {
  const byKind = classOfKind.get(kind) ?? 'other';
  if (byKind === 'fee') return byKind;
  return isOurNumber(outNo) ? 'ours' : byKind;
}

/** Whether a line of this class is booked with its like, as one amount a day. */
export function isBookedByDay(lineClass: LineClass): boolean {
  return !['ours', 'split', 'other'].includes(lineClass);
}
