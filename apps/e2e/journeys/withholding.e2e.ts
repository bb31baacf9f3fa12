import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  reconciliationSchema,
  type Page,
  type Payout,
  type Statement,
  type TaxSum,
} from '@qingfen/contracts';
import { later, midnight, span, until } from '@qingfen/testing';

import {
  dayWithin,
  firstOfNextMonth,
  journeySystem,
  monthOf,
  nextDayPlan,
  Stage,
  type TestShop,
} from '../src/index.js';

/** 劳务报酬: of a month 20 % above 800.00, 16 % above 4,000.00 and so on. */
const withholding = {
  period: 'month' as const,
  kinds: ['commission' as const],
  tiers: [
    { from: '0.00', rate: '0' },
    { from: '800.00', rate: '0.20' },
    { from: '4000.00', rate: '0.16' },
    { from: '25000.00', rate: '0.24' },
    { from: '62500.00', rate: '0.32' },
  ],
};
const deadlineMs = 60_000;

describe('a shop that withholds tax', () => {
  let stage: Stage;
  let shop: TestShop;
  let month: string;
  let nextMonth: string;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    // Three nights are to come in the month.
    await stage.gateway.moveClock(later(dayWithin(await stage.gateway.now(), 6), span.hours(8)));
    const now = await stage.gateway.now();
    month = monthOf(now);
    nextMonth = firstOfNextMonth(now);
    shop = await stage.newShop();
    await shop.publishPlan(nextDayPlan);
    await shop.putPayees(['d-1'], { accountType: 'personal' });
    await shop.putPayees(['d-2'], { accountType: 'enterprise' });
  });
  afterAll(() => stage.close());

  /** Each of the two is owed 1,000.00 and stated it in the night after. */
  async function sellThroughTheNight(distributors = ['d-1', 'd-2']): Promise<void> {
    const at = await stage.gateway.now();
    await shop.publishOrders(
      distributors.map((id) => shop.orderData({ at, amount: '2000.00', distributors: [id] })),
    );
    await stage.gateway.waitForIdle();
    await stage.liveThroughRunsOf(midnight(at, 1));
    await stage.gateway.waitForIdle();
  }

  async function paidTo(payeeId: string): Promise<string[]> {
    const moved = await shop.moved();
    return moved
      .filter((one) => one.identity === shop.identityOf(payeeId) && one.status === 'SUCCESS')
      .map(({ amount }) => amount);
  }

  async function balanceOf(account: string): Promise<string> {
    const { balanced, currencies } = await stage.gateway.trialBalance(shop.shopId);
    expect(balanced).toBe(true);
    const accounts = currencies.flatMap((one) => one.accounts);
    return accounts.find((one) => one.account === account)?.balance ?? '0.00';
  }

  /** Gross, tax and net of a payee's statements, in their order. */
  async function stated(payeeId: string): Promise<(string | undefined)[][]> {
    const found = await stage.gateway.statements(shop.shopId, `?payeeId=${payeeId}`);
    return found.map(({ gross, withheld, net }: Statement) => [gross, withheld, net]);
  }

  async function lastPayout(payeeId: string): Promise<Payout> {
    const payout = (await stage.gateway.payouts(shop.shopId, `?payeeId=${payeeId}`)).at(-1);
    if (payout === undefined) throw new Error(`${payeeId} has no payout`);
    return payout;
  }

  async function taxSums(period: string): Promise<readonly TaxSum[]> {
    const path = `/shops/${shop.shopId}/tax-sums?period=${period}`;
    return ((await stage.gateway.call('GET', path)).body as Page<TaxSum>).items;
  }

  it('R-TAX-1 is switched on by an admin, and tiers that cannot be are refused by name', async () => {
    expect(await stage.gateway.shop(shop.shopId)).toMatchObject({ withholding: null });
    const tiers = [{ from: '1.00', rate: '0.20' }];
    const path = `/shops/${shop.shopId}`;
    const json = { name: '代扣店铺', withholding: { ...withholding, tiers } };
    const { status, body } = await stage.gateway.call('PUT', path, { json });
    expect([status, body]).toMatchObject([
      422,
      { errors: [{ pointer: '/withholding/tiers/0/from' }] },
    ]);
    const shown = await stage.gateway.putShop(shop.shopId, { name: '代扣店铺', withholding });
    expect(shown).toMatchObject({ withholding });
  });

  it('R-TAX-1 R-FAI-1 F1 O1 a payout that failed gives back what it was and its tax', async () => {
    await stage.sandbox.putAccount(shop.identityOf('d-1'), { status: 'frozen' });
    await sellThroughTheNight();
    const payout = await until('the payout to fail', () => lastPayout('d-1'), {
      deadlineMs,
      holds: ({ state }) => state === 'failed',
    });
    expect(payout).toMatchObject({ amount: '960.00', gross: '1000.00', withheld: '40.00' });
    expect(await lastPayout('d-2')).not.toHaveProperty('withheld');
    await until('the tax to be given back', () => balanceOf('payable:tax'), {
      deadlineMs,
      holds: (balance) => balance === '0.00',
    });
    expect(await balanceOf('payable:commission:d-1')).toBe('-1000.00');
    await stage.sandbox.putAccount(shop.identityOf('d-1'), { status: 'normal' });
    const path = `/shops/${shop.shopId}/payees/d-1/mended`;
    const mended = await stage.gateway.call('POST', path, { json: { reason: '已解冻' } });
    expect(mended.status).toBe(200);
  });

  it('R-TAX-1 O1 of two runs of a month the second withholds what it adds, and the sandbox has paid the net', async () => {
    await sellThroughTheNight(); // 2,000.00 with the give-back: 20 % of 1,200.00
    await sellThroughTheNight(); // 3,000.00: 440.00 in all
    expect(await stated('d-1')).toEqual([
      ['1000.00', '40.00', '960.00'],
      ['2000.00', '240.00', '1760.00'],
      ['1000.00', '200.00', '800.00'],
    ]);
    expect(await paidTo('d-1')).toEqual(['1760.00', '800.00']);
    expect(await paidTo('d-2')).toEqual(['1000.00', '1000.00', '1000.00']);
    expect(await balanceOf('payable:tax')).toBe('-440.00');
    expect(await balanceOf('payout-in-transit')).toBe('0.00');
    const [balance] = await stage.gateway.balances(shop.shopId, '?payeeId=d-1');
    expect(balance).toMatchObject({ paid: '2560.00', withheld: '440.00', inPayout: '0.00' });
  });

  it('R-TAX-1 R-EXP-1 R-NOT-1 R-NOT-3 says in both languages what was withheld, and why', async () => {
    const { payoutId, statementId } = await lastPayout('d-1');
    const { statement } = await stage.gateway.payoutExplained(shop.shopId, payoutId);
    expect(statement).toMatchObject({
      agrees: true,
      withholding: {
        ...{ before: '2000.00', withheldBefore: '240.00', due: '440.00', withheld: '200.00' },
        message: expect.stringContaining('1000.00 − 200.00 tax withheld = 800.00 CNY'),
        messageZh: expect.stringContaining('1000.00 − 代扣税 200.00 = 800.00 CNY'),
      },
    });
    const file = `/shops/${shop.shopId}/statements/${statementId}.pdf`;
    expect((await stage.gateway.call('GET', file)).status).toBe(200);
    // Mails of statements and of payouts come in either order.
    await until('the mail to d-1', () => stage.mailsTo(`d-1.${shop.shopId}@`), {
      deadlineMs,
      holds: (mails) => mails.some((mail) => mail.includes('Tax withheld: 200.00 CNY')),
    });
  });

  it('R-TAX-1 R-REC-1 no difference to Alipay, the ledger verifies, and every book is what the facts come to', async () => {
    const now = await stage.gateway.now();
    await stage.gateway.moveClock(later(midnight(now, 1), span.hours(9)));
    await stage.gateway.waitForIdle();
    const path = `/shops/${shop.shopId}/reconciliations/${now.slice(0, 10)}`;
    const { body } = await stage.gateway.call('GET', path);
    const report = reconciliationSchema.parse(body);
    expect(report).toMatchObject({ state: 'done', differences: [] });
    expect(report.counts).toMatchObject({ statements: 2, payouts: 2 });
    const pages = await stage.gateway.replay(shop.shopId);
    expect(pages.flatMap(({ differences }) => differences)).toEqual([]);
    const verified = await stage.gateway.call('GET', `/shops/${shop.shopId}/ledger/verify`);
    expect(verified.body).toMatchObject({ ok: true });
    expect(await stage.gateway.alerts(shop.shopId, '?state=raised')).not.toContainEqual(
      expect.objectContaining({ class: 'account-differs' }),
    );
  });

  it('R-TAX-1 sums by payee show gross, tax and net of a month, and what is paid to the office is booked', async () => {
    const sums = (await taxSums(month)).map(({ payeeId, gross, withheld, net }) => {
      return [payeeId, gross, withheld, net];
    });
    expect(sums).toEqual([
      ['d-1', '3000.00', '440.00', '2560.00'],
      ['d-2', '3000.00', '0.00', '3000.00'],
    ]);
    const path = `/shops/${shop.shopId}/tax-payments`;
    const paidOn = (await stage.gateway.now()).slice(0, 10);
    const json = { amount: '440.00', paidOn, reference: '完税证明 1' };
    const { status, body } = await stage.gateway.call('POST', path, { json });
    expect([status, body]).toMatchObject([201, { amount: '440.00', reference: '完税证明 1' }]);
    expect(await balanceOf('payable:tax')).toBe('0.00');
    const again = await stage.gateway.call('POST', path, { json: { ...json, reference: '2' } });
    expect([again.status, again.body]).toMatchObject([422, { errors: [{ pointer: '/amount' }] }]);
  });

  it('R-TAX-1 the next month begins at nothing', async () => {
    await stage.gateway.moveClock(later(nextMonth, span.hours(8)));
    await sellThroughTheNight(['d-1']);
    expect((await stated('d-1')).at(-1)).toEqual(['1000.00', '40.00', '960.00']);
    expect((await paidTo('d-1')).at(-1)).toBe('960.00');
    expect(await balanceOf('payable:tax')).toBe('-40.00');
    const [sum] = await taxSums(monthOf(nextMonth));
    expect(sum).toMatchObject({ gross: '1000.00', withheld: '40.00', net: '960.00' });
  });
});
