import { dayEnd, dayStart } from '@qingfen/core-reconciliation';
import fc from 'fast-check';
import { outBizNoOf } from './out-biz-no.js';
import { yuan, type ReconciliationHouse, type Sides } from './reconciliation-house.fixture.js';

/** Every class that there is, as it can come about. */
export const wrongs = [
  'missing-at-alipay',
  'missing-here',
  'unknown-transfer-out',
  'amount-differs',
  'status-differs',
  'duplicate',
  'next-day',
  'order-without-entries',
  'entries-do-not-add-up',
  'statement-without-payout',
  'statement-of-more',
] as const;
export type Wrong = (typeof wrongs)[number];

/** One thing of a day: right, or wrong in one way. */
export const livedThing = fc.record({
  fen: fc.bigInt({ min: 10n, max: 5_000_000n }),
  by: fc.bigInt({ min: 1n, max: 9n }),
  first: fc.boolean(),
  end: fc.constantFrom('succeeded' as const, 'returned' as const, 'failed' as const, null),
  wrong: fc.option(fc.constantFrom(...wrongs), { nil: null, freq: 2 }),
});
export type LivedThing = typeof livedThing extends fc.Arbitrary<infer T> ? T : never;

const minute = 60_000;
const at = (day: string, minutes: number): Date =>
  new Date(dayStart(day).getTime() + minutes * minute);

/**
 * Lives one day of a shop: for each thing an order with entries, a buyer's payment, a statement, a payout
 * and its movement; and spoils what is to be wrong. Returns what must be told, `class subject amount`.
 */
export async function live(
  house: ReconciliationHouse,
  sides: Sides,
  { day, things }: { readonly day: string; readonly things: readonly LivedThing[] },
): Promise<string[]> {
  const expected: string[] = [];
  for (const [index, thing] of things.entries()) {
    const told = await liveOne(house, sides, { ...thing, day, name: `${day}-${index}` });
    if (told !== null) expected.push(told);
  }
  return expected;
}

type Named = LivedThing & { readonly day: string; readonly name: string };

async function liveOne(
  house: ReconciliationHouse,
  sides: Sides,
  thing: Named,
): Promise<string | null> {
  const { wrong } = thing;
  const { shopId, alipay } = sides;
  alipay.move(at(thing.day, 600), thing.fen * 2n, { kind: '在线支付', outNo: `T${thing.name}` });
  const order = await liveOrder(house, sides, thing);
  const statementId = `st_${thing.name}`;
  const payoutId = `po_${thing.name}`;
  const isStatementWrong = wrong === 'statement-without-payout' || wrong === 'statement-of-more';
  const netMinor = thing.fen + (wrong === 'statement-of-more' ? thing.by : 0n);
  await house.tell('statement-issued', {
    ...{ shopId, statementId, payeeId: 'd-1', kind: 'commission', period: 'p', currency: 'CNY' },
    ...{ cutoff: iso(at(thing.day, 0)), issuedAt: iso(at(thing.day, 120)), entryCount: 1 },
    net: yuan(netMinor),
  });
  if (wrong === 'statement-without-payout') return `missing-here ${statementId} ${netMinor}`;
  const payout = await livePayout(house, sides, { ...thing, statementId, payoutId });
  if (isStatementWrong) return `amount-differs ${statementId} ${-thing.by}`;
  return order ?? payout;
}

async function liveOrder(
  house: ReconciliationHouse,
  { shopId, ledger }: Sides,
  { wrong, fen, by, name, day, first }: Named,
): Promise<string | null> {
  const orderId = `o-${name}`;
  const when = iso(at(day, 600));
  await house.tell('order-completed', {
    ...{ shopId, orderId, currency: 'CNY', paidAt: when, completedAt: when, distributors: [] },
    items: [
      { itemId: 'i-1', supplierId: 's-1', amount: yuan(fen) },
      { itemId: 'i-2', supplierId: 's-1', amount: yuan(fen), subsidy: yuan(by) },
    ],
  });
  const refunded = { shopId, orderId, items: [{ itemId: 'i-1', amount: yuan(by) }] };
  await house.tell('order-refunded', { ...refunded, refundId: 'r-1', refundedAt: when });
  await house.tell('order-refunded', { ...refunded, refundId: 'r-2', refundedAt: when });
  await house.tell('order-refund-reversed', { shopId, orderId, refundId: 'r-2', at: when });
  const base = fen * 2n;
  const side = { state: 'settling' as const, keepsRest: false, entryCount: 3 };
  if (wrong === 'order-without-entries') {
    if (first) ledger.orders.set(orderId, { ...side, state: 'no-plan', entriesMinor: 0n });
    return `${wrong} ${orderId} ${base}`;
  }
  const isWrong = wrong === 'entries-do-not-add-up';
  const more = isWrong ? (first ? by : -by) : 0n;
  ledger.orders.set(orderId, { ...side, entriesMinor: base + more });
  return isWrong ? `${wrong} ${orderId} ${more}` : null;
}

async function livePayout(
  house: ReconciliationHouse,
  { shopId, alipay, ledger }: Sides,
  thing: Named & { readonly statementId: string; readonly payoutId: string },
): Promise<string | null> {
  const { wrong, fen, by, first, day, payoutId, statementId } = thing;
  const kept = { shopId, payoutId, statementId, payeeId: 'd-1', currency: 'CNY' } as const;
  const facts = { ...kept, kind: 'commission', amount: yuan(fen) } as const;
  const outNo = outBizNoOf(shopId, payoutId);
  const end = isOfPayout(wrong) ? 'succeeded' : thing.end;
  const noon = at(day, 720);
  const nearMidnight = first ? at(day, 24 * 60 - 10) : new Date(dayEnd(day).getTime() + 5 * minute);
  const paidAt = wrong === 'next-day' ? nearMidnight : noon;
  const move = (amountMinor: bigint): void => {
    alipay.move(noon, amountMinor, { outNo });
  };
  await house.tell('payout-requested', {
    ...facts,
    ...{ part: 1, parts: 1, payVia: 'transfer', requestedAt: iso(at(day, 120)), remark: '' },
  });
  const result = async (
    status: 'succeeded' | 'failed' | 'returned',
    seq: number,
  ): Promise<void> => {
    if (status !== 'failed') ledger.pay(paidAt, status === 'succeeded' ? -fen : fen);
    await house.tell('payout-result', { ...facts, status, seq, at: iso(paidAt) });
  };
  if (wrong === 'status-differs') {
    move(-fen);
    if (first) await result('failed', 3);
    return `${wrong} ${outNo} ${fen}`;
  }
  if (end === 'succeeded' || end === 'returned') {
    await result('succeeded', 3);
    if (wrong !== 'missing-at-alipay' && !(wrong === 'next-day' && first)) {
      move(-fen - (wrong === 'amount-differs' ? by : 0n));
    }
  }
  if (end === 'returned') {
    await result('returned', 5);
    move(fen);
  }
  if (end === 'failed') await result('failed', 3);
  if (wrong === 'missing-here') {
    const lost = outBizNoOf(shopId, `lost-${payoutId}`);
    alipay.move(noon, -fen, { outNo: lost });
    return `${wrong} ${lost} ${fen}`;
  }
  if (wrong === 'duplicate') move(-fen);
  if (wrong === 'unknown-transfer-out') return `${wrong} ${alipay.move(noon, -by)} ${by}`;
  if (wrong === 'amount-differs') return `${wrong} ${outNo} ${by}`;
  return isOfPayout(wrong) ? `${wrong} ${outNo} ${fen}` : null;
}

function isOfPayout(wrong: Wrong | null): boolean {
  const ofPayouts: readonly (Wrong | null)[] = wrongs.slice(0, 7);
  return wrong !== null && ofPayouts.includes(wrong);
}

function iso(instant: Date): string {
  return instant.toISOString();
}
