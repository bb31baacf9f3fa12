import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from './books.fixture.js';
import { Desk, refusal, sound, user } from './manual.fixture.js';
import { unfinishedRuns, type Run } from './run.store.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

let books: Books;
let desk: Desk;
let sales: Sales;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
});
afterAll(async () => {
  await books.close();
});

const count = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

async function dueRuns(shopIds: readonly string[]): Promise<Run[]> {
  await books.planDue();
  const runs = await unfinishedRuns(books.database, 100);
  return runs.filter(({ shop_id: shopId }) => shopIds.includes(shopId));
}

const begin = (run: Run): Promise<number> => desk.run((unit) => books.runs.begin(unit, run, false));

async function execute(run: Run): Promise<void> {
  if (run.state === 'due') await begin(run);
  while ((await desk.run((unit) => books.runs.chunk(unit, run))) === 'stated');
}

/** Lets the other side of a race put so many questions first: from round to round it gets further. */
async function headStart(questions: number): Promise<void> {
  for (let asked = 0; asked < questions; asked += 1) await books.database.query('SELECT 1');
}

describe('twenty replicas start the same runs at the same time', () => {
  it('R-COM-1 R-FAI-1 lessons 2, 8: each payee has one statement, one request to pay, and balanced books', async () => {
    // So many that the run has lanes, and the replicas state payees side by side.
    const payeeIds = count(1_050, (index) => `p-${index}`);
    const shopId = await sales.newShop('replicas', payeeIds, supplied);
    await sales.sold(sales.orderEach(shopId, payeeIds));
    sales.night();
    await books.runDueBy(20);
    const stated = await desk.stated(shopId);
    expect(stated.sort()).toEqual(
      [...payeeIds.map((id) => `commission ${id} 2700`), 'supplier s-1 6615000'].sort(),
    );
    expect(await desk.open(shopId)).toEqual([]);
    const asked = await sales.said('payout-requested', shopId);
    const paid = asked.map(({ kind, payeeId, amount }) => `${kind} ${payeeId} ${amount}`);
    expect(paid.sort()).toEqual(
      [
        ...payeeIds.map((id) => `commission ${id} 27.00`),
        'supplier s-1 50000.00',
        'supplier s-1 16150.00',
      ].sort(),
    );
    expect(new Set(asked.map(({ payoutId }) => payoutId)).size).toBe(1_052);
    const runs = await books.database.query<{ row: string }>(
      `SELECT kind || ' ' || state || ' ' || statements || ' ' || stated_minor AS row FROM run
        WHERE shop_id = $1 ORDER BY 1`,
      [shopId],
    );
    expect(runs.map(({ row }) => row)).toEqual([
      'commission done 1050 2835000',
      'supplier done 1 6615000',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });
});

describe('twenty refunds hit one line at once', () => {
  const amounts = count(20, (index) => (index % 2 === 0 ? '30.00' : '7.00'));

  /** What became of the refunds: amounts in minor units, in the order in which they were judged. */
  async function judged(shopId: string, state: 'applied' | 'refused'): Promise<bigint[]> {
    const rows = await books.database.query<{ amount: bigint }>(
      `SELECT (items->0->>1)::bigint AS amount FROM refund
        WHERE shop_id = $1 AND state = $2 ORDER BY sequence`,
      [shopId, state],
    );
    return rows.map(({ amount }) => amount);
  }

  it.each(['before the statement', 'after the statement', 'together with their order'] as const)(
    'R-REF-2 R-REF-3 lesson 8, %s: what is accepted never exceeds the line, and the books add up',
    async (when) => {
      const shopId = await sales.newShop('refunds', ['d-1', 's-1'], supplied);
      const reference = await sales.newShop('one-by-one', ['d-1', 's-1'], supplied);
      const orders = [sales.order(shopId), sales.order(reference)] as const;
      if (when !== 'together with their order') await sales.sold(orders);
      else await sales.windowsClosed(orders);
      sales.night();
      if (when === 'after the statement') await books.runDue();
      const before = await sales.refusals('order-refunded');
      await Promise.all([
        when === 'together with their order' ? books.completed([orders[0]]) : null,
        ...amounts.map((amount, index) =>
          books.heard('order-refunded', [sales.refund(shopId, `r-${index}`, amount)], index),
        ),
      ]);

      const applied = await judged(shopId, 'applied');
      const refused = await judged(shopId, 'refused');
      expect(applied.length + refused.length).toBe(20);
      const left = 10_000n - applied.reduce((sum, amount) => sum + amount, 0n);
      expect(left).toBeGreaterThanOrEqual(0n);
      // What is left only ever falls: whatever was refused would not fit now either.
      expect(refused.filter((amount) => amount <= left)).toEqual([]);
      const letters = (await sales.refusals('order-refunded')).slice(before.length);
      expect(letters).toHaveLength(refused.length);
      expect(letters.filter((text) => !text.includes('refund-exceeds-paid'))).toEqual([]);

      // The accepted ones in another shop, one after the other, make the same books.
      if (when === 'together with their order') await books.completed([orders[1]]);
      for (const [index, amount] of applied.entries()) {
        const text = `${amount / 100n}.00`;
        await books.heard('order-refunded', [sales.refund(reference, `r-${index}`, text)]);
      }
      expect(await desk.ledger(shopId)).toEqual(await desk.ledger(reference));
      expect(await desk.open(shopId)).toEqual(await desk.open(reference));
      expect(await desk.invariants(shopId)).toEqual(sound);
      await books.runDue();
      sales.morning();
    },
  );
});

describe('twenty retries race with the run that states the given-back money', () => {
  it('R-OPS-2 R-ONC-1 lessons 8, 37, six times: it is stated once, by a retry or by the run', async () => {
    const shopIds: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      shopIds.push(await sales.newShop('retry', ['d-1']));
    }
    await sales.sold(shopIds.map((shopId) => sales.order(shopId)));
    sales.night();
    await books.runDue();
    const payoutIds = new Map<string, string>();
    for (const shopId of shopIds) {
      payoutIds.set(shopId, await desk.ended(shopId, 'd-1', { status: 'cancelled' }));
    }
    sales.nextDay();
    await Promise.all((await dueRuns(shopIds)).map(begin));
    const winners = new Set<string>();
    for (const [round, run] of (await dueRuns(shopIds)).entries()) {
      const shopId = run.shop_id;
      const payoutId = payoutIds.get(shopId) ?? '';
      const retry = async (index: number): Promise<string> => {
        await headStart(3 * round);
        const act = { shopId, payoutId, caller: user(`mia-${index}`), reason: 'mended' };
        return refusal(desk.run((unit) => desk.restatements.restate(unit, act)));
      };
      const [, ...answers] = await Promise.all([execute(run), ...count(20, retry)]);
      const won = answers.filter((answer) => answer === 'not refused');
      const lost = answers.filter((answer) => answer === '409 already-stated');
      expect([won.length <= 1, won.length + lost.length]).toEqual([true, 20]);
      winners.add(won.length === 1 ? 'a retry' : 'the run');
      expect(await desk.stated(shopId)).toEqual(['commission d-1 2700', 'commission d-1 2700']);
      const asked = await sales.said('payout-requested', shopId);
      expect(new Set(asked.map((payout) => payout.payoutId)).size).toBe(2);
      expect(asked).toHaveLength(2);
      expect(await desk.open(shopId)).toEqual([]);
      expect(await desk.invariants(shopId)).toEqual(sound);
    }
    expect([...winners].sort()).toEqual(['a retry', 'the run']);
    sales.morning();
  });
});

describe('twenty tell at once how a payout ended', () => {
  it('R-FAI-1 lesson 7: it is given back once', async () => {
    const shopId = await sales.newShop('ended', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    sales.night();
    await books.runDue();
    const failed = await desk.resultFor(shopId, 'd-1', { status: 'failed' });
    await Promise.all(count(20, () => desk.tell(failed)));
    expect(await desk.open(shopId)).toEqual(['commission d-1 2700']);
    expect(await desk.invariants(shopId)).toEqual(sound);
    expect((await desk.ledger(shopId))['payout-in-transit']).toBeUndefined();
    sales.morning();
  });
});

describe('disputes are opened while they are resolved', () => {
  it('R-COM-3 forty times: whatever came first, none holds an order for ever', async () => {
    const shopId = await sales.newShop('disputes', ['d-1']);
    const orderIds = count(40, (index) => `o-${index}`);
    await sales.sold(orderIds.map((orderId) => sales.order(shopId, { orderId })));
    const at = books.clock.now().toISOString();
    const racing = orderIds.flatMap((orderId, index) => {
      const dispute = { shopId, orderId, disputeId: 'x' };
      const opened = [{ ...dispute, openedAt: at, reason: 'broken' }];
      const resolved = [{ ...dispute, resolvedAt: at }];
      return [
        books.heard('order-dispute-resolved', resolved, index),
        books.heard('order-disputed', opened, index),
      ];
    });
    await Promise.all(racing);
    sales.night();
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 108000']);
    sales.morning();
  });
});

describe('an account is changed while its payout fails', () => {
  it('R-FAI-1 forty times: whatever came first, the new account is not held', async () => {
    const payeeIds = count(40, (index) => `p-${index}`);
    const shopId = await sales.newShop('mended', payeeIds);
    await sales.sold(sales.orderEach(shopId, payeeIds));
    sales.night();
    await books.runDue();
    const faults = { status: 'failed', payeeFault: true } as const;
    const failed = await Promise.all(payeeIds.map((id) => desk.resultFor(shopId, id, faults)));
    const racing = failed.map((result, index) =>
      Promise.all([
        desk.tell(result),
        headStart(index % 10).then(() => desk.payees(shopId, [result.payeeId], 'new')),
      ]),
    );
    await Promise.all(racing);
    sales.nextDay();
    await books.runDue();
    const twice = payeeIds.flatMap((id) => count(2, () => `commission ${id} 2700`));
    expect((await desk.stated(shopId)).sort()).toEqual(twice.sort());
    sales.morning();
  });
});

describe('orders are completed while the close of their windows is told', () => {
  it('R-REF-1 forty orders: whatever came first, the next run takes them all', async () => {
    const shopId = await sales.newShop('windows', ['d-1']);
    const orders = count(40, (index) => sales.order(shopId, { orderId: `o-${index}` }));
    const racing = orders.map((order, index) =>
      Promise.all([
        headStart(index % 5).then(() => books.heard('order-completed', [order], index)),
        headStart(index % 8).then(() => sales.windowsClosed([order])),
      ]),
    );
    await Promise.all(racing);
    sales.night();
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 108000']);
    sales.morning();
  });
});

describe('orders are refunded while a plan arrives that binds them', () => {
  it('R-RUL-5 R-REF-2 forty orders: each is bound once, and without what was refunded', async () => {
    const shopId = await desk.newShop('unbound', { withPlan: false });
    const orderIds = count(40, (index) => `o-${index}`);
    await sales.sold(orderIds.map((orderId) => sales.order(shopId, { orderId })));
    await desk.publish(shopId, books.clock.now().toISOString(), { plan: ownGoods });
    const half = (orderId: string, index: number): Promise<void> =>
      books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.00', orderId)], index);
    const bind = (): Promise<number> =>
      desk.run((unit) => books.accrual.bindWaiting(unit, orderIds.length + 1));
    await Promise.all([...orderIds.map(half), bind(), bind()]);
    expect(await desk.open(shopId)).toEqual(orderIds.map(() => 'commission d-1 1350'));
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.night();
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 54000']);
    sales.morning();
  });
});

// The last one: the runs of its shops come due in every night after it.
describe('a refund races with the run that states its entry', () => {
  const shopCount = 20;
  const dayCount = 10;

  const inside = 'stated once, of it 1350; adjusted by -1350; corrected by 0; open 0';
  const behind = 'stated once, of it 2700; adjusted by 0; corrected by -1350; open -1350';

  /** How often each end came, of the 27.00 whose half was refunded while a run stated them. */
  async function ends(shopIds: readonly string[]): Promise<Record<string, number>> {
    const rows = await books.database.query<{ end: string; times: number }>(
      `SELECT CASE t.times WHEN 1 THEN 'stated once' ELSE 'stated ' || t.times || ' times' END
              || ', of it ' || t.net || '; adjusted by ' || a.sum || '; corrected by ' || c.sum
              || '; open ' || o.sum AS end,
              count(*)::integer AS times
         FROM entry e,
              LATERAL (SELECT count(*) AS times, coalesce(sum(s.amount_minor), 0) AS net
                         FROM statement_entry s
                        WHERE s.shop_id = e.shop_id AND s.entry_id = e.entry_id) t,
              LATERAL (SELECT coalesce(sum(amount_minor), 0) FROM entry_adjustment a
                        WHERE a.shop_id = e.shop_id AND a.entry_id = e.entry_id) a (sum),
              LATERAL (SELECT coalesce(sum(amount_minor), 0) FROM entry c
                        WHERE c.shop_id = e.shop_id AND c.corrects = e.entry_id) c (sum),
              LATERAL (SELECT coalesce(sum(amount_minor), 0) FROM open_entry o
                        WHERE o.shop_id = e.shop_id AND o.payee_id = e.payee_id) o (sum)
        WHERE e.shop_id = ANY($1) AND e.kind = 'commission' AND e.cause = 'order'
        GROUP BY 1`,
      [shopIds],
    );
    return Object.fromEntries(rows.map(({ end, times }) => [end, times]));
  }

  /** Lets the refund get as many questions to the database ahead: some of them win, others lose. */
  async function headStart(questions: number): Promise<void> {
    for (let asked = 0; asked < questions; asked += 1) await books.database.query('SELECT 1');
  }

  it('R-REF-2 R-REF-3 lesson of lilishop, two hundred times: inside the statement or a correction, never both, never neither', async () => {
    const payeeIds = count(dayCount, (day) => `d-${day}`);
    const shopIds: string[] = [];
    for (let index = 0; index < shopCount; index += 1) {
      shopIds.push(await sales.newShop('race', payeeIds));
    }
    for (const [day, distributor] of payeeIds.entries()) {
      const orderId = `o-${day}`;
      await sales.sold(
        shopIds.map((shopId) => sales.order(shopId, { orderId, distributors: [distributor] })),
      );
      sales.night();
      // Half of the refunds come when their run has noted its bound and looks at entries.
      const early = (await dueRuns(shopIds)).filter((_, index) => index % 2 === 0);
      await Promise.all(early.map(begin));
      const runs = await dueRuns(shopIds);
      expect(runs).toHaveLength(shopCount);
      const racing = runs.map((run, index) => {
        const told = [sales.refund(run.shop_id, `r-${day}`, '50.00', orderId)];
        const running = headStart(index).then(() => execute(run));
        return Promise.all([running, books.heard('order-refunded', told, index)]);
      });
      await Promise.all(racing);
      sales.morning();
    }
    const seen = await ends(shopIds);
    // Both ends were seen, or it was no race.
    expect(seen).toEqual({ [inside]: expect.any(Number), [behind]: expect.any(Number) });
    expect(Object.values(seen).reduce((sum, times) => sum + times, 0)).toBe(200);
    for (const shopId of shopIds) expect(await desk.invariants(shopId)).toEqual(sound);
  }, 120_000);
});
