import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approvalIdOf, approvalPage } from '@qingfen/approvals';
import type { Kind } from '@qingfen/contracts';
import { approvalOwner as owner } from './approval.js';
import { Books } from './books.fixture.js';
import { approver, Desk, maker, refusal, sound, user } from './manual.fixture.js';
import { recoveryIdOf } from './recovery.service.js';

let books: Books;
let desk: Desk;
let strict: Desk;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T00:00:00+08:00'));
  desk = new Desk(books);
  strict = new Desk(books, '10.00');
});
afterAll(async () => {
  await books.close();
});

const adjust = (
  at: Desk,
  shopId: string,
  amount: string,
  change: { payeeId?: string; orderId?: string } = {},
): ReturnType<Desk['adjustments']['create']> =>
  at.run((unit) =>
    at.adjustments.create(unit, {
      limit: at.limit,
      shopId,
      caller: maker,
      body: { payeeId: 'd-1', kind: 'commission', amount, reason: 'thanks', ...change },
    }),
  );

const demand = (
  shopId: string,
  amount: string,
  at = desk,
): ReturnType<Desk['recoveries']['demand']> =>
  at.run((unit) =>
    at.recoveries.demand(unit, {
      limit: at.limit,
      shopId,
      caller: maker,
      body: { payeeId: 'd-1', kind: 'commission', amount, reason: 'owes' },
    }),
  );

const idOf = (row: { approval_id: bigint }): string => approvalIdOf(owner, row);

async function wanted(outcome: Promise<{ kind: string }>): Promise<string> {
  const done = await outcome;
  if (!('approval' in done)) throw new Error('no second person was wanted');
  return idOf(done.approval as { approval_id: bigint });
}

const approve = (shopId: string, approvalId: string, caller = approver): Promise<unknown> =>
  desk.run((unit) =>
    desk.approvals.approve(unit, { shopId, approvalId, caller, reason: 'looked at it' }),
  );

async function approvals(shopId: string): Promise<string[]> {
  const showing = { owner, timezone: 'Asia/Shanghai', now: books.clock.now() } as const;
  const { items } = await approvalPage(books.database, { shopId, query: {} }, showing);
  return items.map(({ wants, state, decidedBy }) => `${wants} ${state} ${decidedBy ?? ''}`.trim());
}

describe('adjustments', () => {
  it('R-OPS-2 books an amount in favour or against, with its reason, and the next run pays', async () => {
    const shopId = await desk.newShop('adjust');
    await desk.until('2026-01-12T10:00:00+08:00');
    const favour = await adjust(desk, shopId, '12.50');
    expect(favour).toMatchObject({ kind: 'booked', row: { amount_minor: 1250n, made_by: 'mia' } });
    await adjust(desk, shopId, '-2.50');
    expect(await desk.open(shopId)).toEqual(['commission d-1 -250', 'commission d-1 1250']);
    expect(await desk.ledger(shopId)).toEqual({
      'expense:adjustment': '1000',
      'payable:commission:d-1': '-1000',
    });
    await desk.until('2026-01-13T02:00:00+08:00');
    expect(await desk.stated(shopId)).toEqual(['commission d-1 1000']);
    expect(await desk.audited(shopId)).toEqual([
      'mia adjustment.book: thanks',
      'mia adjustment.book: thanks',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
    const [journal] = await books.database.query<{ unproven: bigint }>(
      `SELECT count(*) AS unproven FROM entry e WHERE e.shop_id = $1 AND NOT EXISTS (
         SELECT 1 FROM journal_batch b WHERE b.shop_id = e.shop_id AND b.batch_id = e.batch_id)`,
      [shopId],
    );
    expect(journal?.unproven).toBe(0n);
  });

  it('R-OPS-2 refuses unknown payees, orders and digits that the currency has not', async () => {
    const shopId = await desk.newShop('adjust');
    expect(await refusal(adjust(desk, shopId, '1.00', { payeeId: 'x-9' }))).toBe('404 not-found');
    expect(await refusal(adjust(desk, shopId, '1.00', { orderId: 'o-9' }))).toBe(
      '422 invalid /orderId',
    );
    expect(await refusal(adjust(desk, shopId, '1.005'))).toBe('422 invalid /amount');
    expect(await desk.open(shopId)).toEqual([]);
  });

  it('R-SEC-4 above the limit wants a second person, and no maker is one', async () => {
    const shopId = await desk.newShop('adjust');
    expect(await adjust(strict, shopId, '10.00')).toMatchObject({ kind: 'booked' });
    const approvalId = await wanted(adjust(strict, shopId, '-10.01'));
    expect(await desk.open(shopId)).toEqual(['commission d-1 1000']);
    expect(await refusal(approve(shopId, approvalId, maker))).toBe('403 same-person');
    expect(await refusal(approve('other-shop', approvalId))).toBe('404 not-found');
    await approve(shopId, approvalId);
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1001', 'commission d-1 1000']);
    expect(await refusal(approve(shopId, approvalId))).toBe('409 not-in-this-state');
    expect(await approvals(shopId)).toEqual(['adjustment approved ann']);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-SEC-4 PostgreSQL itself refuses a maker who approves', async () => {
    const shopId = await desk.newShop('adjust');
    await wanted(adjust(strict, shopId, '11.00'));
    const forged = books.database.query(
      `UPDATE approval SET state = 'approved', decided_by = 'mia', decided_at = requested_at
        WHERE shop_id = $1`,
      [shopId],
    );
    await expect(forged).rejects.toThrow(/check constraint/);
  });

  it('R-SEC-4 lesson 7: of 20 who approve at once one books it; nobody books what expired or was refused', async () => {
    const shopId = await desk.newShop('adjust');
    const approvalId = await wanted(adjust(strict, shopId, '11.00'));
    const racers = Array.from({ length: 20 }, (_, index) =>
      refusal(approve(shopId, approvalId, user(`ann-${index}`))),
    );
    const said = await Promise.all(racers);
    expect(said.filter((one) => one === 'not refused')).toHaveLength(1);
    expect(said.filter((one) => one === '409 not-in-this-state')).toHaveLength(19);
    expect(await desk.open(shopId)).toEqual(['commission d-1 1100']);
    const rejectedId = await wanted(adjust(strict, shopId, '12.00'));
    await desk.run((unit) =>
      desk.approvals.reject(unit, {
        shopId,
        approvalId: rejectedId,
        caller: approver,
        reason: 'no',
      }),
    );
    const lateId = await wanted(adjust(strict, shopId, '13.00'));
    await desk.until(new Date(books.clock.now().getTime() + 8 * 86_400_000).toISOString());
    expect(await refusal(approve(shopId, lateId))).toBe('409 approval-expired');
    expect(await approvals(shopId)).toEqual([
      expect.stringMatching(/^adjustment approved ann-\d+$/),
      'adjustment rejected ann',
      'adjustment expired',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('moves', () => {
  const move = (
    at: Desk,
    shopId: string,
    amount: string,
    to: { payeeId: string; kind: Kind },
  ): ReturnType<Desk['moves']['move']> =>
    at.run((unit) =>
      at.moves.move(unit, {
        limit: at.limit,
        shopId,
        caller: maker,
        body: { from: { payeeId: 'd-1', kind: 'commission' }, to, amount, reason: 'as agreed' },
      }),
    );

  it('R-OPS-2 put what is owed under another kind or payee, and add up to nothing', async () => {
    const shopId = await desk.newShop('move');
    await move(desk, shopId, '5.00', { payeeId: 'd-1', kind: 'supplier' });
    await move(desk, shopId, '2.00', { payeeId: 's-1', kind: 'commission' });
    expect(await desk.open(shopId)).toEqual([
      'commission d-1 -200',
      'commission d-1 -500',
      'commission s-1 200',
      'supplier d-1 500',
    ]);
    expect(await desk.ledger(shopId)).not.toHaveProperty('expense:adjustment');
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-OPS-2 R-SEC-4 refuse nowhere and nobody, and want a second person above the limit', async () => {
    const shopId = await desk.newShop('move');
    const same = { payeeId: 'd-1', kind: 'commission' } as const;
    expect(await refusal(move(desk, shopId, '5.00', same))).toBe('422 invalid /to');
    const nobody = { payeeId: 'x-9', kind: 'commission' } as const;
    expect(await refusal(move(desk, shopId, '5.00', nobody))).toBe('422 invalid /to/payeeId');
    const other = { payeeId: 's-1', kind: 'commission' } as const;
    const approvalId = await wanted(move(strict, shopId, '10.01', other));
    expect(await desk.open(shopId)).toEqual([]);
    expect(await refusal(approve(shopId, approvalId, maker))).toBe('403 same-person');
    await approve(shopId, approvalId);
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1001', 'commission s-1 1001']);
    expect(await approvals(shopId)).toEqual(['move approved ann']);
  });
});

describe('recoveries', () => {
  async function indebted(): Promise<string> {
    const shopId = await desk.newShop('debt');
    await adjust(desk, shopId, '-30.00');
    return shopId;
  }

  it('R-REF-3 lesson 11: demands at most the debt, and runs no longer deduct it', async () => {
    const shopId = await indebted();
    expect(await refusal(demand(shopId, '30.01'))).toBe('422 invalid /amount');
    const outcome = await demand(shopId, '20.00');
    expect(outcome).toMatchObject({ kind: 'booked', row: { state: 'demanded' } });
    expect(await refusal(demand(shopId, '10.01'))).toBe('422 invalid /amount');
    expect(await desk.ledger(shopId)).toEqual({
      'expense:adjustment': '-3000',
      'payable:commission:d-1': '1000',
      'receivable:d-1': '2000',
    });
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-REF-3 lesson 9: of 20 demands of the whole debt at once one is made', async () => {
    const shopId = await indebted();
    const said = await Promise.all(
      Array.from({ length: 20 }, () => refusal(demand(shopId, '30.00'))),
    );
    expect(said.filter((one) => one === 'not refused')).toHaveLength(1);
    expect(said.filter((one) => one === '422 invalid /amount')).toHaveLength(19);
    expect((await desk.ledger(shopId))['receivable:d-1']).toBe('3000');
  });

  it('R-REF-3 lesson 11: a receipt ends it at the owner, a withdrawal restores the debt; each once', async () => {
    const shopId = await indebted();
    const ids: string[] = [];
    for (const amount of ['10.00', '20.00']) {
      const outcome = await demand(shopId, amount);
      if (outcome.kind === 'booked') ids.push(recoveryIdOf(outcome.row));
    }
    const [first = '', second = ''] = ids;
    const act = { shopId, caller: maker, reason: 'bank slip 7' };
    await desk.run((unit) => desk.recoveries.receipt(unit, { ...act, recoveryId: first }));
    await desk.run((unit) => desk.recoveries.withdraw(unit, { ...act, recoveryId: second }));
    expect(await desk.ledger(shopId)).toEqual({
      'expense:adjustment': '-3000',
      owner: '1000',
      'payable:commission:d-1': '2000',
    });
    for (const recoveryId of ids) {
      const again = desk.run((unit) => desk.recoveries.receipt(unit, { ...act, recoveryId }));
      expect(await refusal(again)).toBe('409 not-in-this-state');
    }
    expect(await desk.audited(shopId)).toEqual(
      expect.arrayContaining([
        'mia recovery.demand: owes',
        'mia recovery.received: bank slip 7',
        'mia recovery.withdrawn: bank slip 7',
      ]),
    );
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-REF-3 R-SEC-4 giving it up always wants a second person', async () => {
    const shopId = await indebted();
    const outcome = await demand(shopId, '30.00');
    const recoveryId = outcome.kind === 'booked' ? recoveryIdOf(outcome.row) : '';
    const act = { shopId, recoveryId, caller: maker, reason: 'gone abroad' };
    const ask = (): ReturnType<Desk['recoveries']['askWriteOff']> =>
      desk.run((unit) => desk.recoveries.askWriteOff(unit, act));
    const approvalId = idOf(await ask());
    expect(await refusal(ask())).toBe('409 approval-open');
    expect(await refusal(approve(shopId, approvalId, maker))).toBe('403 same-person');
    await approve(shopId, approvalId);
    expect(await desk.ledger(shopId)).toEqual({
      'expense:adjustment': '-3000',
      'expense:bad-debt': '3000',
    });
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-REF-3 lesson 9: a demand above the limit is judged again when it is approved', async () => {
    const shopId = await indebted();
    const approvalId = await wanted(demand(shopId, '25.00', strict));
    await demand(shopId, '10.00');
    expect(await refusal(approve(shopId, approvalId))).toBe('422 invalid /amount');
    expect(await approvals(shopId)).toEqual(['recovery open']);
    expect((await desk.ledger(shopId))['receivable:d-1']).toBe('1000');
  });

  it('R-REF-3 a debt after three runs in a row is overdue, and no longer when it is gone', async () => {
    const shopId = await desk.newShop('overdue');
    await books.runDue(); // those of the days before the debt
    await adjust(desk, shopId, '-30.00');
    const from = books.clock.now().getTime();
    const alerts = async (): Promise<string[]> =>
      (
        await books.database.query<{ state: string }>(
          `SELECT state FROM alert WHERE shop_id = $1 AND class = 'receivable-overdue'`,
          [shopId],
        )
      ).map(({ state }) => state);
    for (const [day, expected] of [
      [1, []],
      [2, []],
      [3, ['raised']],
    ] as const) {
      await desk.until(new Date(from + day * 86_400_000).toISOString());
      expect([day, await alerts()]).toEqual([day, expected]);
    }
    await demand(shopId, '30.00');
    await desk.until(new Date(from + 4 * 86_400_000).toISOString());
    expect(await alerts()).toEqual(['resolved']);
  });
});

describe('opening balances', () => {
  const ask = (shopId: string, items: [string, string][]): Promise<string> =>
    desk
      .run((unit) =>
        desk.openings.ask(unit, {
          shopId,
          caller: maker,
          body: {
            items: items.map(([payeeId, amount]) => ({ payeeId, kind: 'supplier', amount })),
            reason: 'take-over',
          },
        }),
      )
      .then(idOf);

  it('R-IMP-1 are booked by two people, owed and owed back, once', async () => {
    const shopId = await desk.newShop('opening');
    const twice = ask(shopId, [
      ['d-1', '1.00'],
      ['d-1', '2.00'],
      ['x-9', '1.00'],
    ]);
    expect(await refusal(twice)).toBe('422 invalid /items/1 /items/2/payeeId');
    const rows: [string, string][] = [
      ['s-1', '120.00'],
      ['d-1', '-7.50'],
    ];
    const approvalId = await ask(shopId, rows);
    const otherId = await ask(shopId, rows);
    expect(await desk.open(shopId)).toEqual([]);
    expect(await refusal(approve(shopId, approvalId, maker))).toBe('403 same-person');
    await approve(shopId, approvalId);
    expect(await desk.open(shopId)).toEqual(['supplier d-1 -750', 'supplier s-1 12000']);
    expect(await desk.ledger(shopId)).toEqual({
      owner: '11250',
      'payable:supplier:d-1': '750',
      'payable:supplier:s-1': '-12000',
    });
    expect(await refusal(approve(shopId, otherId))).toBe('409 opened-before');
    expect(await refusal(ask(shopId, rows))).toBe('422 invalid /items/0 /items/1');
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});
