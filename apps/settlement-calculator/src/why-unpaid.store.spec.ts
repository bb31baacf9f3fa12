import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whyUnpaidSchema, type EventData, type WhyUnpaid } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Explaining } from './explain.fixture.js';
import { Desk, maker, user, type PlanDocument } from './manual.fixture.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

// "Why was I not paid": every reason for which something waits, in the words of the answer.

let books: Books;
let desk: Desk;
let sales: Sales;
let explaining: Explaining;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-05T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
  explaining = new Explaining(books);
});
afterAll(async () => {
  await books.close();
});

async function night(): Promise<void> {
  sales.night();
  await books.runDue();
  sales.morning();
}

type OfKind = WhyUnpaid['kinds'][number];

async function why(shopId: string, payeeId = 'd-1', kind = 'commission'): Promise<OfKind> {
  const answer = whyUnpaidSchema.parse(await explaining.why(shopId, payeeId));
  const found = answer.kinds.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`${payeeId} has nothing of ${kind}`);
  return found;
}

const groupsOf = ({ groups }: OfKind): string[] =>
  groups.map(({ reason, amount, count }) => `${reason} ${amount} ${count}`);
const obstaclesOf = ({ obstacles }: OfKind): string[] => obstacles.map(({ reason }) => reason);

/** The morning after now, and the night's cutoff of that day. */
const days = (count: number, hour: string): string => {
  const at = new Date(books.clock.now().getTime() + count * 86_400_000 + 8 * 3_600_000);
  return `${at.toISOString().slice(0, 10)}T${hour}:00+08:00`;
};

describe('R-EXP-1 lesson 41: what is owed and on no statement', () => {
  it('R-EXP-1 what is due is in the next run; what is not mature says until when, and which run takes it', async () => {
    const plan = { ...ownGoods, returnWindowDays: 3 } satisfies PlanDocument;
    const shopId = await sales.newShop('due', ['d-1'], plan);
    await books.completed([sales.order(shopId)]);
    const early = await why(shopId);
    expect(groupsOf(early)).toEqual(['not-mature 27.00 1']);
    expect(early.groups[0]).toMatchObject({
      maturesFrom: days(3, '10:00'),
      nextRun: { period: days(4, '02:00'), cutoff: days(4, '00:00') },
      entries: [{ orderId: 'o-1', amount: '27.00' }],
    });
    expect([early.willBePaid, early.nextAmount, early.unstated]).toEqual([false, '0.00', '27.00']);
    await books.told(
      [{ shopId, orderId: 'o-1', completedAt: days(0, '10:00'), closedAt: days(3, '10:00') }],
      'return-window-closed',
      (unit, events) => books.copies.keepEvidence(unit, events),
    );
    for (const _ of [1, 2, 3]) await night();
    const due = await why(shopId);
    expect(groupsOf(due)).toEqual(['next-run 27.00 1']);
    expect(due).toMatchObject({
      willBePaid: true,
      nextAmount: '27.00',
      minPayout: '0.10',
      nextRun: { period: days(1, '02:00'), dueAt: days(1, '02:00') },
      message: expect.stringContaining('states 27.00 CNY'),
      messageZh: expect.stringContaining('27.00 CNY'),
    });
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
    const paid = await why(shopId);
    expect([groupsOf(paid), paid.payouts.length]).toEqual([[], 1]);
    expect(paid.payouts[0]).toMatchObject({ amount: '27.00', state: null });
  });

  it('R-EXP-1 a window whose end nobody announced', async () => {
    const shopId = await sales.newShop('window', ['d-1']);
    await books.completed([sales.order(shopId)]);
    await night();
    expect(groupsOf(await why(shopId))).toEqual(['window-not-announced 27.00 1']);
    await sales.windowsClosed([sales.order(shopId, { completedAt: days(-1, '10:00') })]);
    expect(groupsOf(await why(shopId))).toEqual(['next-run 27.00 1']);
  });

  it('R-EXP-1 R-COM-3 R-HLD-1 held: by which dispute, which refund, whom and why', async () => {
    const shopId = await sales.newShop('held', ['d-1']);
    const orders = ['o-1', 'o-2', 'o-3'].map((orderId) => sales.order(shopId, { orderId }));
    await sales.sold(orders);
    const openedAt = days(0, '10:00');
    const dispute = { shopId, orderId: 'o-1', disputeId: 'dp-1', openedAt, reason: 'torn' };
    await books.heard('order-disputed', [dispute]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-9', '999.00', 'o-2')]);
    const act = { shopId, orderId: 'o-3', caller: user('olga'), reason: 'looks odd' };
    await desk.run((unit) => desk.holds.holdOrder(unit, act));
    const told = await why(shopId);
    expect(groupsOf(told)).toEqual(['held 81.00 3']);
    const holds = told.groups[0]?.holds.map(({ reason, key, message }) => [reason, key, message]);
    expect(holds?.sort()).toEqual([
      ['dispute', 'dp-1', expect.stringContaining('torn')],
      ['operator', expect.any(String), expect.stringContaining('by olga: looks odd')],
      ['refund-refused', 'r-9', expect.stringContaining('does not fit')],
    ]);
    expect([told.willBePaid, told.nextAmount]).toEqual([false, '0.00']);
  });

  it('R-EXP-1 R-REF-3 what is owed back, from which refund, and that it exceeds what is due', async () => {
    const shopId = await sales.newShop('debt', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    await night();
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.00')]);
    await sales.sold([
      sales.order(shopId, {
        orderId: 'o-2',
        items: [{ itemId: '1', supplierId: 's-1', amount: '10.00' }],
      }),
    ]);
    const told = await why(shopId);
    expect(groupsOf(told)).toEqual(['next-run 2.70 1', 'owed-back -13.50 1']);
    expect(told.groups[1]).toMatchObject({
      message: expect.stringContaining('refund r-1 of order o-1'),
      entries: [{ cause: 'refund', causeId: 'r-1', orderId: 'o-1' }],
    });
    expect([obstaclesOf(told), told.nextAmount]).toEqual([['owes-back'], '-10.80']);
  });

  it('R-EXP-1 R-RUL-4 below the minimum, by how much', async () => {
    const commission = { ...ownGoods.commission, minPayout: '30.00' };
    const shopId = await sales.newShop('least', ['d-1'], { ...ownGoods, commission });
    await sales.sold([sales.order(shopId)]);
    const told = await why(shopId);
    expect(obstaclesOf(told)).toEqual(['below-minimum']);
    expect(told.obstacles[0]?.message).toContain('27.00 CNY is 3.00 CNY below');
    expect(told.obstacles[0]?.messageZh).toContain('少 3.00 CNY');
    await night();
    expect(await desk.stated(shopId)).toEqual([]);
  });

  it('R-EXP-1 no account, a held payee, a task that is missing, a rollout that leaves it outside', async () => {
    const condition = { for: 'commission', when: 'payee-task', task: 'kyc' };
    const shopId = await sales.newShop('obstacles', [], { ...ownGoods, conditions: [condition] });
    const payee: EventData['payee-upserted'] = {
      shopId,
      payeeId: 'd-1',
      name: 'd-1',
      roles: ['distributor'],
    };
    await books.told([payee], 'payee-upserted', (unit, events) =>
      books.copies.keepPayees(unit, events),
    );
    await sales.sold([sales.order(shopId)]);
    const act = { shopId, payeeId: 'd-1', caller: maker, reason: 'asked to wait' };
    await desk.run((unit) => desk.holds.holdPayee(unit, act));
    await desk.run((unit) =>
      books.rollouts.put(unit, {
        shopId,
        caller: maker,
        body: { commission: { mode: 'pilot', payees: ['d-2'] } },
      }),
    );
    const told = await why(shopId);
    expect(obstaclesOf(told)).toEqual([
      'outside-rollout',
      'no-account',
      'payee-held',
      'task-missing',
    ]);
    expect(told.obstacles[3]?.message).toContain('kyc');
    const { holds, hasAccount } = await explaining.why(shopId, 'd-1');
    expect([hasAccount, holds.map(({ message }) => message)]).toEqual([
      false,
      [expect.stringContaining('asked to wait')],
    ]);
    await night();
    expect(await desk.stated(shopId)).toEqual([]);
  });

  it('R-EXP-1 R-HLD-1 the runs of the kind are held: by whom and why, until they are released', async () => {
    const shopId = await sales.newShop('runs-held', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    const act = { shopId, kind: 'commission', caller: user('olga'), reason: 'look first' } as const;
    await desk.run((unit) => desk.holds.holdRuns(unit, act));
    await night();
    const told = await why(shopId);
    expect([obstaclesOf(told), told.willBePaid]).toEqual([['runs-held'], false]);
    expect(told.runHolds).toMatchObject([
      {
        subject: { type: 'run', id: 'commission' },
        message: expect.stringContaining('held by olga: look first'),
        messageZh: expect.stringContaining('look first'),
      },
    ]);
    await desk.run((unit) => desk.holds.releaseRuns(unit, act));
    expect(await why(shopId)).toMatchObject({ willBePaid: true, obstacles: [], runHolds: [] });
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
  });

  it('R-EXP-1 R-FAI-1 what a payout gave back, and that its account does not work', async () => {
    const shopId = await sales.newShop('back', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    await night();
    const payoutId = await desk.ended(shopId, 'd-1', { status: 'failed', payeeFault: true });
    const told = await why(shopId);
    expect(told.groups[0]?.entries).toMatchObject([{ cause: 'give-back', causeId: payoutId }]);
    expect(obstaclesOf(told)).toEqual(['payee-held']);
    const { holds } = await explaining.why(shopId, 'd-1');
    expect(holds.map(({ reason, key }) => `${reason} ${key}`)).toEqual([
      `payee-account ${payoutId}`,
    ]);
  });

  it('R-EXP-1 R-TEA-1 a reward waits while its team has two leaders, and then for its run', async () => {
    const cycle = { every: 'day', at: '02:00' };
    const plan = { ...ownGoods, teamReward: { tiers: [{ from: '0', rate: '0.10' }], cycle } };
    const shopId = await sales.newShop('leaders', [], plan);
    const leads = (payeeId: string, teamId: string | undefined): Promise<void> => {
      const data = { shopId, payeeId, name: payeeId, roles: ['team-leader'], teamId };
      return books.told([data as EventData['payee-upserted']], 'payee-upserted', (unit, events) =>
        books.copies.keepPayees(unit, events),
      );
    };
    await leads('l-1', 't-1');
    await leads('l-2', 't-1');
    await sales.sold([sales.order(shopId, { teamId: 't-1' })]);
    await night();
    expect(groupsOf(await why(shopId, 'l-1', 'team-reward'))).toEqual([
      'team-with-two-leaders 10.00 1',
    ]);
    await leads('l-2', undefined);
    expect(groupsOf(await why(shopId, 'l-1', 'team-reward'))).toEqual(['next-run 10.00 1']);
  });

  it('R-EXP-1 R-RUL-3 asks for runs of the payee’s own cycle', async () => {
    const weekly = { every: 'week', on: 'friday', at: '02:00' };
    const commission = {
      ...ownGoods.commission,
      payeeCycles: [{ payees: ['d-1'], cycle: weekly }],
    };
    const shopId = await sales.newShop('cycle', ['d-1', 'd-2'], { ...ownGoods, commission });
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2']));
    const [own, others] = [await why(shopId, 'd-1'), await why(shopId, 'd-2')];
    const weekday = (text: string | undefined): number => new Date(text ?? '').getUTCDay();
    expect(weekday(own.nextRun?.cutoff)).toBe(4); // Friday's midnight in Shanghai is Thursday's 16:00 UTC
    expect(others.nextRun?.period).toBe(days(1, '02:00'));
    expect(own.willBePaid).toBe(true);
  });
});

describe('payouts under way', () => {
  it('R-EXP-1 lesson 41: say what they wait for, in both languages', async () => {
    const shopId = await sales.newShop('payouts', ['s-1'], supplied);
    await sales.sold([sales.order(shopId, { distributors: [] })]);
    await night();
    const [{ payoutId, statementId } = { payoutId: '', statementId: '' }] = (
      await why(shopId, 's-1', 'supplier')
    ).payouts;
    explaining.payouts.set(payoutId, {
      payoutId,
      statementId,
      payeeId: 's-1',
      kind: 'supplier',
      part: 1,
      parts: 1,
      amount: '90.00',
      currency: 'CNY',
      payVia: 'transfer',
      state: 'review',
      reason: 'debt: the payee owes more than is unstated since',
      outBizNo: 'QF1',
      batch: null,
      alipayOrderId: null,
      failure: null,
      makers: [],
      approvalHash: null,
      transitions: [],
      requestedAt: days(0, '02:00'),
    });
    const [payout] = (await why(shopId, 's-1', 'supplier')).payouts;
    expect(payout).toMatchObject({
      state: 'review',
      message: expect.stringContaining('A person decides: the payee owes more'),
      messageZh: expect.stringContaining('等待人工审核: 开具结算单后收款方出现欠款'),
    });
  });
});
