import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from './books.fixture.js';
import { approver, Desk, maker, refusal, sound, user } from './manual.fixture.js';
import { listRuns } from './run-list.store.js';
import { heldSince } from './payout.store.js';
import { Sales } from './sales.fixture.js';

const paidOn = '2026-01-13T02:00:00+08:00';
const nextDay = '2026-01-14T02:00:00+08:00';

let books: Books;
let desk: Desk;
/** Each part of January 2026 is lived once, so every description has books of its own. */
const newBooks = (): void => {
  beforeAll(async () => {
    books = await Books.open(new Date('2026-01-01T00:00:00+08:00'));
    desk = new Desk(books);
  });
  afterAll(async () => {
    await books.close();
  });
};

describe('holds', () => {
  newBooks();
  const payeeAct = (shopId: string) => ({
    shopId,
    payeeId: 'd-1',
    caller: maker,
    reason: 'asked by the shop',
  });
  const orderAct = (shopId: string) => ({
    shopId,
    orderId: 'o-1',
    caller: maker,
    reason: 'looks odd',
  });

  it('R-HLD-1 of the runs of a kind keep it waiting until released, and nothing else', async () => {
    const shopId = await desk.newShop('held-runs');
    await desk.completed(shopId);
    await desk.windowClosed(shopId);
    const act = { shopId, kind: 'commission', caller: maker, reason: 'look first' } as const;
    const held = await desk.run((unit) => desk.holds.holdRuns(unit, act));
    expect(held).toEqual(['operator']);
    books.clock.take(new Date(paidOn));
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['supplier s-1 6300']);
    const all = { after: null, limit: 100 } as const;
    const states = async (): Promise<Set<string>> =>
      new Set(
        (await listRuns(books.database, shopId, all)).map((row) => `${row.kind} ${row.state}`),
      );
    expect(await states()).toEqual(new Set(['supplier done', 'commission held']));
    await desk.run((unit) => desk.holds.releaseRuns(unit, act));
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700', 'supplier s-1 6300']);
    expect(await states()).toEqual(new Set(['supplier done', 'commission done']));
    expect(await desk.audited(shopId)).toEqual([
      'mia run.hold: look first',
      'mia run.release: look first',
    ]);
  });

  it('R-HLD-1 lesson 35: of a payee and of an order keep their money out of runs until released', async () => {
    const ofPayee = await desk.newShop('held');
    const ofOrder = await desk.newShop('held');
    for (const shopId of [ofPayee, ofOrder]) {
      await desk.completed(shopId);
      await desk.windowClosed(shopId);
    }
    const held = await desk.run((unit) => desk.holds.holdPayee(unit, payeeAct(ofPayee)));
    expect(held).toEqual(['operator']);
    await desk.run((unit) => desk.holds.holdPayee(unit, payeeAct(ofPayee)));
    await desk.run((unit) => desk.holds.holdOrder(unit, orderAct(ofOrder)));
    await desk.until(paidOn);
    expect(await desk.stated(ofPayee)).toEqual(['supplier s-1 6300']);
    expect(await desk.stated(ofOrder)).toEqual([]);
    const free = await desk.run((unit) => desk.holds.releasePayee(unit, payeeAct(ofPayee)));
    expect(free).toEqual([]);
    await desk.run((unit) => desk.holds.releaseOrder(unit, orderAct(ofOrder)));
    await desk.until(nextDay);
    expect(await desk.stated(ofPayee)).toEqual(['supplier s-1 6300', 'commission d-1 2700']);
    expect(await desk.stated(ofOrder)).toEqual(['commission d-1 2700']);
    expect(await desk.audited(ofOrder)).toEqual([
      'mia order.hold: looks odd',
      'mia order.release: looks odd',
    ]);
    const nobody = desk.run((unit) =>
      desk.holds.holdPayee(unit, { ...payeeAct(ofPayee), payeeId: 'x-9' }),
    );
    expect(await refusal(nobody)).toBe('404 not-found');
    const nothing = desk.run((unit) =>
      desk.holds.holdOrder(unit, { ...orderAct(ofOrder), orderId: 'o-9' }),
    );
    expect(await refusal(nothing)).toBe('404 not-found');
  });

  it('R-HLD-1 are counted: a release leaves a dispute, and a payee is mended apart', async () => {
    const shopId = await desk.newShop('counted');
    await desk.completed(shopId);
    const openedAt = books.clock.now().toISOString();
    await books.heard('order-disputed', [
      { shopId, orderId: 'o-1', disputeId: 'x-1', openedAt, reason: 'broken' },
    ]);
    await desk.refund(shopId, '100.01', '2026-01-05T10:00:00+08:00');
    const held = await desk.run((unit) => desk.holds.holdOrder(unit, orderAct(shopId)));
    expect(held).toEqual(['dispute', 'operator', 'refund-refused']);
    const left = await desk.run((unit) => desk.holds.releaseOrder(unit, orderAct(shopId)));
    expect(left).toEqual(['dispute']);
  });

  it('R-HLD-1 R-REF-2 a refund that is refused again holds its order again', async () => {
    const shopId = await desk.newShop('refused-again');
    await desk.completed(shopId);
    await desk.windowClosed(shopId);
    await desk.refund(shopId, '100.01', '2026-01-05T10:00:00+08:00');
    await desk.run((unit) => desk.holds.releaseOrder(unit, orderAct(shopId)));
    await desk.refund(shopId, '100.01', '2026-01-05T10:00:00+08:00');
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual([]);
    await desk.run((unit) => desk.holds.releaseOrder(unit, orderAct(shopId)));
    await desk.until('2026-01-15T02:00:00+08:00');
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
  });
});

describe('orders without a plan', () => {
  newBooks();
  const bind = (
    shopId: string,
    change: { version?: number; settledOutside?: boolean } = {},
  ): Promise<void> =>
    desk.run((unit) =>
      desk.bindings.bind(unit, {
        shopId,
        orderId: 'o-1',
        caller: maker,
        body: { version: 1, settledOutside: false, reason: 'before the take-over', ...change },
      }),
    );

  async function unbound(): Promise<string> {
    const shopId = await desk.newShop('unbound', { withPlan: false });
    await desk.completed(shopId);
    await desk.refund(shopId, '10.00', '2026-01-03T10:00:00+08:00');
    await desk.publish(shopId, '2026-01-05T00:00:00+08:00');
    return shopId;
  }

  it('R-REF-3 are bound by an operator, mature as usual and need no evidence', async () => {
    const shopId = await unbound();
    expect(await refusal(bind(shopId, { version: 9 }))).toBe('422 invalid /version');
    await bind(shopId);
    expect(await refusal(bind(shopId))).toBe('409 bound-already');
    expect(await desk.open(shopId)).toEqual(['commission d-1 2430', 'supplier s-1 5670']);
    await desk.until('2026-01-09T02:00:00+08:00');
    expect(await desk.stated(shopId)).toEqual([]);
    await desk.until('2026-01-12T02:00:00+08:00');
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2430', 'supplier s-1 5670']);
    expect(await desk.audited(shopId)).toEqual(['mia order.bind: before the take-over']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-IMP-1 settled elsewhere are closed at once, never paid, and corrected by later refunds', async () => {
    const shopId = await unbound();
    await bind(shopId, { settledOutside: true });
    expect(await desk.open(shopId)).toEqual([]);
    expect((await desk.ledger(shopId))['owner']).toBe('900');
    expect(await desk.invariants(shopId)).toEqual(sound);
    await desk.until('2026-01-20T02:00:00+08:00');
    expect(await desk.stated(shopId)).toEqual([]);
    await desk.refund(shopId, '10.00', '2026-01-19T10:00:00+08:00');
    expect(await desk.open(shopId)).toEqual(['commission d-1 -270', 'supplier s-1 -630']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-IMP-1 of 20 who bind at once one does', async () => {
    const shopId = await unbound();
    const said = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        refusal(bind(shopId, { settledOutside: index % 2 === 0 })),
      ),
    );
    expect(said.filter((one) => one === 'not refused')).toHaveLength(1);
    expect(said.filter((one) => one === '409 bound-already')).toHaveLength(19);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('the retry of a final payout', () => {
  newBooks();
  const retry = (shopId: string, payoutId: string, caller = maker): Promise<unknown> =>
    desk.run((unit) =>
      desk.restatements.restate(unit, { shopId, payoutId, caller, reason: 'mended' }),
    );

  async function paid(): Promise<string> {
    const shopId = await desk.newShop('retry');
    await desk.completed(shopId);
    await desk.windowClosed(shopId);
    return shopId;
  }

  it('R-OPS-2 lesson 5: states the give-back at once, in a run of its own, under new numbers', async () => {
    const shopId = await paid();
    await desk.until(paidOn);
    expect(await refusal(retry(shopId, 'po_none'))).toBe('404 not-found');
    const payoutId = await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    await retry(shopId, payoutId);
    expect(await desk.stated(shopId)).toEqual([
      'commission d-1 2700',
      'commission d-1 2700',
      'supplier s-1 6300',
    ]);
    expect(await refusal(retry(shopId, payoutId))).toBe('409 already-stated');
    const payouts = await books.database.query<{ payout_id: string; period: string }>(
      `SELECT p.payout_id, s.period FROM payout p JOIN statement s USING (shop_id, statement_id)
        WHERE p.shop_id = $1 AND p.payee_id = 'd-1' ORDER BY requested_at, status`,
      [shopId],
    );
    expect(payouts.map(({ period }) => period)).toContain(`retry:${payoutId}`);
    expect(new Set(payouts.map((row) => row.payout_id)).size).toBe(2);
    expect(await desk.invariants(shopId)).toEqual(sound);
    // Given back again, it is retried again; what succeeded is not.
    const second = await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    expect(second).not.toBe(payoutId);
    await retry(shopId, second);
    const third = await desk.ended(shopId, 'd-1', { status: 'succeeded' });
    expect(await refusal(retry(shopId, third))).toBe('409 not-in-this-state');
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-OPS-2 nets what is owed back, and waits for who and what is held', async () => {
    const shopId = await paid();
    await books.runDue();
    const payoutId = await desk.ended(shopId, 'd-1', { status: 'failed', payeeFault: true });
    expect(await refusal(retry(shopId, payoutId))).toBe('409 payee-held');
    const act = { shopId, payeeId: 'd-1', caller: approver, reason: 'the account works' };
    expect(await desk.run((unit) => desk.holds.mendPayee(unit, act))).toEqual([]);
    await desk.refund(shopId, '10.00', books.clock.now().toISOString());
    const orderAct = { shopId, orderId: 'o-1', caller: maker, reason: 'odd' };
    await desk.run((unit) => desk.holds.holdOrder(unit, orderAct));
    expect(await refusal(retry(shopId, payoutId))).toBe('409 order-held');
    books.clock.take(new Date(books.clock.now().getTime() + 1));
    await desk.run((unit) => desk.holds.releaseOrder(unit, orderAct));
    await retry(shopId, payoutId);
    expect((await desk.stated(shopId)).filter((row) => row.startsWith('commission'))).toEqual([
      'commission d-1 2700',
      'commission d-1 2430',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-FAI-1 what Alipay refused for another reason waits for a retry or a release', async () => {
    const retried = await paid();
    const released = await paid();
    await books.runDue();
    const payoutId = await desk.ended(retried, 'd-1', { status: 'failed', payeeFault: false });
    await desk.ended(released, 'd-1', { status: 'failed', payeeFault: false });
    books.clock.take(new Date(books.clock.now().getTime() + 86_400_000));
    await books.runDue();
    const commissions = async (shopId: string): Promise<number> =>
      (await desk.stated(shopId)).filter((row) => row.startsWith('commission')).length;
    expect([await commissions(retried), await commissions(released)]).toEqual([1, 1]);
    await retry(retried, payoutId);
    const act = { shopId: released, payeeId: 'd-1', caller: maker, reason: 'remark was odd' };
    await desk.run((unit) => desk.holds.releasePayee(unit, act));
    books.clock.take(new Date(books.clock.now().getTime() + 86_400_000));
    await books.runDue();
    expect([await commissions(retried), await commissions(released)]).toEqual([2, 2]);
  });

  it('R-HLD-1 a hold of an order holds the give-backs of its statements, and their payouts', async () => {
    const shopId = await paid();
    await books.runDue();
    await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    books.clock.take(new Date(books.clock.now().getTime() + 86_400_000));
    await books.runDue();
    const payoutId = await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    const act = { shopId, orderId: 'o-1', caller: maker, reason: 'odd' };
    await desk.run((unit) => desk.holds.holdOrder(unit, act));
    books.clock.take(new Date(books.clock.now().getTime() + 86_400_000));
    await books.runDue();
    expect(await refusal(retry(shopId, payoutId))).toBe('409 order-held');
    const stated = (await desk.stated(shopId)).filter((row) => row.startsWith('commission'));
    expect(stated).toHaveLength(2);
    const held = await heldSince(books.database, [{ shopId, payoutId }]);
    expect([...held]).toEqual([`${shopId} ${payoutId}`]);
  });
});

describe('who has caused a payout', () => {
  newBooks();
  /** Of each payout that was asked for, oldest first: its payee and who caused it by hand. */
  const asked = async (shopId: string): Promise<string[]> => {
    const said = await new Sales(desk).said('payout-requested', shopId);
    return said.map(({ payeeId, makers = [] }) => [payeeId, ...makers].join(' '));
  };
  const adjust = (shopId: string, amount: string, by = maker): Promise<unknown> =>
    desk.run((unit) =>
      desk.adjustments.create(unit, {
        limit: desk.limit,
        shopId,
        caller: by,
        body: { payeeId: 'd-1', kind: 'commission', amount, reason: 'thanks' },
      }),
    );
  /** To the next run: the day that begins now ends, and its run is at two o'clock. */
  let day = 13;
  const oneDayOn = (): Promise<void> => desk.until(`2026-01-${++day}T02:00:00+08:00`);
  beforeAll(() => desk.until(paidOn));

  it('R-SEC-4 is told with it: who adjusted, each once, and nobody of what orders owe', async () => {
    const shopId = await desk.newShop('makers');
    await desk.completed(shopId);
    await desk.windowClosed(shopId);
    await oneDayOn();
    expect((await asked(shopId)).sort()).toEqual(['d-1', 's-1']);
    await adjust(shopId, '5.00');
    await adjust(shopId, '6.00');
    await adjust(shopId, '-1.00', user('max'));
    await oneDayOn();
    expect((await asked(shopId)).slice(2)).toEqual(['d-1 max mia']);
  });

  it('R-SEC-4 is told again with what was given back, and with who retried it', async () => {
    const shopId = await desk.newShop('makers');
    await adjust(shopId, '5.00');
    await oneDayOn();
    await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    await oneDayOn();
    const payoutId = await desk.ended(shopId, 'd-1', { status: 'cancelled' });
    await desk.run((unit) =>
      desk.restatements.restate(unit, {
        shopId,
        payoutId,
        caller: user('rita'),
        reason: 'again',
      }),
    );
    expect(await asked(shopId)).toEqual(['d-1 mia', 'd-1 mia', 'd-1 mia rita']);
  });

  it('R-SEC-4 is who took a debt out of the runs', async () => {
    const shopId = await desk.newShop('makers');
    await adjust(shopId, '-30.00', user('max'));
    await desk.run((unit) =>
      desk.recoveries.demand(unit, {
        limit: desk.limit,
        shopId,
        caller: user('rita'),
        body: { payeeId: 'd-1', kind: 'commission', amount: '30.00', reason: 'owes' },
      }),
    );
    await adjust(shopId, '5.00');
    await oneDayOn();
    expect(await asked(shopId)).toEqual(['d-1 max mia rita']);
  });
});
