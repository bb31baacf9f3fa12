import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DailyReport, dailyReportSchema } from '@qingfen/contracts';
import { later, midnight, span, sumFen, until, yuanOf } from '@qingfen/testing';

import { journeySystem, nextDayPlan, Stage, type TestShop } from '../src/index.js';

/** Distributors are paid the day after, suppliers on Mondays. */
const plan = { ...nextDayPlan, supplier: { delayDays: 0 } };
const password = 'correct horse battery staple';
/** A week and a day: a Monday is among them. */
const allDays = [...Array(8).keys()];

describe("a shop's daily report", () => {
  let stage: Stage;
  let shop: TestShop;
  /** The day on which orders are paid; the runs of the next pay them. */
  let from: string;
  /** Days on which something was stated, asked for or paid. */
  const hasMoved = new Set<number>();

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    await stage.gateway.moveClock(later(midnight(await stage.gateway.now(), 1), span.hours(12)));
    from = await stage.gateway.now();
    shop = await stage.newShop({ shopId: 'shop-told-daily', balance: '5000.00' });
    await shop.publishPlan(plan);
    await shop.putPayees(['d-1', 'd-2', 'sup-1']);
    await stage.sandbox.putAccount(shop.identityOf('d-2'), { status: 'frozen' });
  });
  afterAll(() => stage.close());

  const dayOf = (days: number): string => midnight(from, days).slice(0, 10);
  const liveThroughBillOf = (days: number): Promise<void> =>
    stage.gateway.moveClock(later(midnight(from, days + 1), span.hours(9)));

  async function reportOf(days: number): Promise<DailyReport> {
    const path = `/shops/${shop.shopId}/reports/daily/${dayOf(days)}`;
    const { status, body } = await stage.gateway.call('GET', path);
    expect([body, status]).toEqual([body, 200]);
    return dailyReportSchema.parse(body);
  }

  /** What of a day's report the operator is told by mail, in English. */
  const mailsOf = (days: number): readonly string[] =>
    stage
      .mailsTo(`operator.${shop.shopId}@operators.example.test`)
      .filter((mail) => mail.includes(`${shop.shopId}/reports/daily/${dayOf(days)}`));

  it('R-REC-1 says of each day what the sandbox’s book says was paid, and what failed', async () => {
    const at = await stage.gateway.now();
    const orders = ['d-1', 'd-2', 'd-1'].map((payeeId) =>
      shop.orderData({ at, amount: '100.00', distributors: [payeeId] }),
    );
    await shop.publishOrders(orders);
    await stage.gateway.waitForIdle();
    await liveThroughBillOf(allDays.length - 1);
    const book = await shop.moved();
    const paid = book.filter(({ status }) => status === 'SUCCESS');
    expect(paid.length).toBeGreaterThan(1);
    for (const days of allDays) {
      const report = await reportOf(days);
      const [begin, end] = [Date.parse(report.from), Date.parse(report.to)];
      const ofDay = paid.filter(({ at }) => Date.parse(at) >= begin && Date.parse(at) < end);
      const told = report.totals.map(({ succeeded }) => succeeded);
      const amount = yuanOf(sumFen(ofDay.map((one) => one.amount)));
      expect(told.filter(({ count }) => count > 0)).toEqual(
        ofDay.length === 0 ? [] : [{ count: ofDay.length, amount }],
      );
      expect(report).toMatchObject({ shopId: shop.shopId, timezone: 'Asia/Shanghai' });
      expect(report.cash).toMatchObject({ state: 'done', difference: '0.00' });
      if (report.totals.length > 0) hasMoved.add(days);
    }
    const payouts = await stage.gateway.payouts(shop.shopId);
    const failed = payouts.filter(({ state }) => state === 'failed');
    const reports = await Promise.all(allDays.map(reportOf));
    const sum = (of: 'requested' | 'failed' | 'givenBack'): number =>
      reports.flatMap(({ totals }) => totals).reduce((all, figures) => all + figures[of].count, 0);
    expect(failed.length).toBeGreaterThan(0);
    expect([sum('failed'), sum('givenBack')]).toEqual([failed.length, failed.length]);
    expect(sum('requested')).toBe(payouts.length);
    expect(reports.at(-1)?.cash.alipay).toBe(await stage.sandbox.balance(shop.appId));
  });

  it('R-REC-1 R-SEC-4 is a file too, for who may read the shop; 404 for a day that has not begun', async () => {
    const path = `/shops/${shop.shopId}/reports/daily`;
    const csv = await stage.gateway.call('GET', `${path}/${dayOf(1)}.csv`);
    expect(csv.body).toMatch(/^shopId,day,timezone,section,of,item,currency,count,amount/);
    const xlsx = await stage.gateway.call('GET', `${path}/${dayOf(1)}.xlsx`);
    expect(xlsx.headers['content-type']).toContain('spreadsheetml');
    expect(String(xlsx.body)).toMatch(/^PK/);
    for (const none of [dayOf(40), '2026-02-30', `${dayOf(40)}.csv`]) {
      expect((await stage.gateway.call('GET', `${path}/${none}`)).status).toBe(404);
    }
    const username = `viewer-${shop.shopId}`;
    const roles = [{ role: 'viewer' as const, shopId: shop.shopId }];
    const viewer = await stage.gateway.userWith({ username, password, roles });
    expect((await viewer.call('GET', `${path}/${dayOf(1)}`)).status).toBe(200);
    const other = await stage.newShop({ withoutAlipay: true });
    for (const ending of ['', '.csv', '.xlsx']) {
      const theirs = `/shops/${other.shopId}/reports/daily/${dayOf(1)}${ending}`;
      expect((await viewer.call('GET', theirs)).status).toBe(404);
    }
    const others = `/shops/nobody-${shop.shopId}/reports/daily/${dayOf(1)}`;
    expect((await stage.gateway.call('GET', others)).status).toBe(404);
  });

  it('R-OPS-1 is mailed to the operator once for each day, with what was paid', async () => {
    expect(hasMoved.size).toBeGreaterThan(0);
    for (const days of hasMoved) {
      const { kinds } = await reportOf(days);
      const [mail = ''] = await until(`the digest of ${dayOf(days)}`, () => mailsOf(days), {
        deadlineMs: 60_000,
        holds: (mails) => mails.length > 0,
      });
      for (const { succeeded } of kinds.filter((of) => of.succeeded.count > 0)) {
        expect(mail).toContain(`paid ${succeeded.count} / ${succeeded.amount}`);
      }
    }
    // A day that comes to the same again is no news, one of which there was nothing is none.
    const path = `/shops/${shop.shopId}/reconciliations`;
    expect((await stage.gateway.call('POST', path, { json: { day: dayOf(1) } })).status).toBe(202);
    await stage.gateway.waitForIdle();
    const states = await until('every digest to be written', digestStates, {
      deadlineMs: 60_000,
      holds: (found) =>
        found.length >= allDays.length && found.every(({ state }) => state !== 'due'),
    });
    expect(states.map(({ edition }) => edition)).toEqual(states.map(() => 1));
    expect(mailsOf(1)).toHaveLength(1);
  });

  const digestStates = (): Promise<
    readonly { readonly state: string; readonly edition: number }[]
  > =>
    stage.query('SELECT state, edition FROM notification.digest WHERE shop_id = $1', [shop.shopId]);
});
