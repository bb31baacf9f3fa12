import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Statement } from '@qingfen/contracts';
import { fenOf, later, midnight, type ReferencePlan, span, sumFen } from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

/** Both kinds every night, so that two days make four statements. */
const nightly: ReferencePlan = {
  returnWindowDays: 0,
  commission: { levels: [{ rate: '0.50' }] },
  supplier: { delayDays: 0, cycle: { every: 'day', at: '02:00' } },
};

describe('what can be looked up', () => {
  let stage: Stage;
  let shop: TestShop;
  let other: TestShop;
  let path: string;
  let statements: readonly Statement[];

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    other = await stage.newShop();
    path = `/shops/${shop.shopId}`;
    await shop.publishPlan(nightly);
    await shop.putPayees(['d-1', 'sup-1']);
    for (const amount of ['100.00', '200.00']) {
      const at = await stage.gateway.now();
      await shop.publishOrders([shop.orderData({ at, amount })]);
      await stage.liveThroughRunsOf(midnight(at, 1));
    }
    statements = await stage.gateway.statements(shop.shopId);
  });
  afterAll(() => stage.close());

  /** What every page of a list has, read with `limit=1`. */
  async function pageByPage(list: string): Promise<unknown[]> {
    const items: unknown[] = [];
    let cursor = '';
    for (;;) {
      const joint = list.includes('?') ? '&' : '?';
      const answer = await stage.gateway.call('GET', `${path}/${list}${joint}limit=1${cursor}`);
      expect(answer.status).toBe(200);
      const page = answer.body as { items: unknown[]; nextCursor: string | null };
      expect(page.items.length).toBeLessThanOrEqual(1);
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  it('R-SUP-2 statements by payee, kind and time, oldest first', async () => {
    const ids = (found: readonly Statement[]): string[] => found.map((one) => one.statementId);
    expect(statements.map(({ kind, net }) => `${kind} ${net}`).sort()).toEqual([
      'commission 100.00',
      'commission 50.00',
      'supplier 100.00',
      'supplier 50.00',
    ]);
    const issued = statements.map(({ issuedAt }) => Date.parse(issuedAt));
    expect(issued).toEqual([...issued].sort((a, b) => a - b));
    const of = (query: string): Promise<readonly Statement[]> =>
      stage.gateway.statements(shop.shopId, query);
    const suppliers = statements.filter(({ kind }) => kind === 'supplier');
    expect(ids(await of('?kind=supplier'))).toEqual(ids(suppliers));
    expect(ids(await of('?payeeId=sup-1'))).toEqual(ids(suppliers));
    expect(await of('?payeeId=nobody')).toEqual([]);
    // From is included, to is not: the two nights share no statement.
    const second = encodeURIComponent(statements[2]?.issuedAt ?? '');
    const before = await of(`?to=${second}`);
    const since = await of(`?from=${second}`);
    expect([ids(before), ids(since)]).toEqual([
      ids(statements.slice(0, 2)),
      ids(statements.slice(2)),
    ]);
    expect(await of(`?from=${second}&to=${second}`)).toEqual([]);
  });

  it('R-NOT-3 a statement as a file adds up to its net', async () => {
    const [first] = statements;
    if (first === undefined) throw new Error('there are statements');
    const file = await stage.gateway.call('GET', `${path}/statements/${first.statementId}.csv`);
    expect(file.status).toBe(200);
    expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(file.headers['content-disposition']).toContain(`${first.statementId}.csv`);
    const [head = '', ...lines] = String(file.body).trimEnd().split('\r\n');
    const at = head.split(',').indexOf('amount');
    const amounts = lines.map((line) => line.split(',')[at] ?? '');
    expect(amounts).toHaveLength(first.entries.length);
    expect(sumFen(amounts)).toBe(fenOf(first.net));
    for (const ending of ['csv', 'xlsx', 'pdf']) {
      await stage.gateway.refusal(404, 'GET', `${path}/statements/st_none.${ending}`);
    }
  });

  it.each([
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'PK'],
    ['pdf', 'application/pdf', '%PDF-1.'],
  ])('R-NOT-3 a statement as %s', async (ending, type, start) => {
    const [first] = statements;
    const place = `${path}/statements/${first?.statementId}.${ending}`;
    const file = await stage.gateway.call('GET', place);
    expect([file.status, file.headers['content-type']]).toEqual([200, type]);
    expect(file.headers['content-disposition']).toContain(`${first?.statementId}.${ending}`);
    expect(String(file.body).slice(0, start.length)).toBe(start);
    await stage.gateway.refusal(400, 'GET', `${place}?page=1`);
  });

  it('R-OPS-2 payouts by state and payee, balances by payee and kind, alerts by state', async () => {
    const payouts = await stage.gateway.payouts(shop.shopId);
    expect(payouts).toHaveLength(4);
    expect(await stage.gateway.payouts(shop.shopId, '?state=succeeded')).toEqual(payouts);
    expect(await stage.gateway.payouts(shop.shopId, '?state=unknown')).toEqual([]);
    const own = await stage.gateway.payouts(shop.shopId, '?payeeId=d-1');
    expect(own.map(({ kind }) => kind)).toEqual(['commission', 'commission']);
    const balances = await stage.gateway.balances(shop.shopId);
    expect(balances.map(({ payeeId, kind, paid }) => [payeeId, kind, paid])).toEqual([
      ['d-1', 'commission', '150.00'],
      ['sup-1', 'supplier', '150.00'],
    ]);
    expect(await stage.gateway.balances(shop.shopId, '?kind=supplier')).toEqual(balances.slice(1));
    expect(await stage.gateway.balances(shop.shopId, '?payeeId=d-1')).toEqual(balances.slice(0, 1));
    const alerts = await stage.gateway.alerts(shop.shopId);
    const raised = await stage.gateway.alerts(shop.shopId, '?state=raised');
    const resolved = await stage.gateway.alerts(shop.shopId, '?state=resolved');
    expect(raised.length + resolved.length).toBe(alerts.length);
  });

  it.each(['statements', 'statements?kind=commission', 'payouts', 'balances', 'payees', 'plans'])(
    'R-UPS-1 %s page by page are the same',
    async (list) => {
      const joint = list.includes('?') ? '&' : '?';
      const whole = await stage.gateway.call('GET', `${path}/${list}${joint}limit=500`);
      const { items } = whole.body as { items: unknown[] };
      expect(await pageByPage(list)).toEqual(items);
    },
  );

  it('R-UPS-1 the ledger as it was at an instant', async () => {
    const first = statements[0]?.issuedAt ?? '';
    const before = later(first, -span.hours(1));
    const at = async (instant: string): Promise<{ balanced: boolean; accounts: string[] }> => {
      const query = `?at=${encodeURIComponent(instant)}`;
      const answer = await stage.gateway.call('GET', `${path}/ledger/trial-balance${query}`);
      const {
        balanced,
        currencies,
        at: said,
      } = answer.body as {
        at: string;
        balanced: boolean;
        currencies: { accounts: { account: string }[] }[];
      };
      expect(Date.parse(said)).toBe(Date.parse(instant));
      const accounts = currencies.flatMap((one) => one.accounts.map(({ account }) => account));
      return { balanced, accounts };
    };
    const then = await at(before);
    expect(then.balanced).toBe(true);
    expect(then.accounts).toContain('payable:commission:d-1');
    expect(then.accounts).not.toContain('payout-in-transit');
    expect((await at(await stage.gateway.now())).accounts).toContain('payout-in-transit');
  });

  it.each([
    'statements?colour=red',
    'statements?kind=bonus',
    'statements?from=yesterday',
    'statements?limit=0',
    'statements?cursor=zzz',
    'payouts?state=lost',
    'payouts?cursor=WyJ4IiwieSJd',
    'balances?payeeId=%20',
    'balances?cursor=zzz',
    'approvals?cursor=WyJ4Il0',
    'plans?cursor=zzz',
    'plans?cursor=WyI5OTk5OTk5OTk5OTkiXQ',
    'alerts?state=odd',
    'alerts?cursor=zzz',
    'ledger/trial-balance?at=noon',
    'orders/o-1?colour=red',
    'emergency-stop?colour=red',
  ])('R-UPS-1 refuses the query of %s', async (list) => {
    await stage.gateway.refusal(400, 'GET', `${path}/${list}`);
  });

  it("R-SEC-4 nothing of one shop is another's, nor of a shop that is not there", async () => {
    const [statement] = statements;
    const [payout] = await stage.gateway.payouts(shop.shopId);
    const orderId = statement?.entries[0]?.orderId ?? '';
    const theirs = `/shops/${other.shopId}`;
    for (const one of [
      `statements/${statement?.statementId}`,
      `statements/${statement?.statementId}.csv`,
      `statements/${statement?.statementId}.pdf`,
      `payouts/${payout?.payoutId}`,
      `orders/${orderId}`,
      'payees/d-1',
      'plans/1',
    ]) {
      await stage.gateway.call('GET', `${path}/${one}`).then(({ status }) => {
        expect([one, status]).toEqual([one, 200]);
      });
      await stage.gateway.refusal(404, 'GET', `${theirs}/${one}`);
    }
    const lists = ['statements', 'payouts', 'balances', 'payees', 'approvals', 'alerts', 'plans'];
    for (const list of [...lists, 'ledger/trial-balance']) {
      const answer = await stage.gateway.call('GET', `${theirs}/${list}`);
      expect([list, answer.status]).toEqual([list, 200]);
      await stage.gateway.refusal(404, 'GET', `/shops/no-such-shop/${list}`);
    }
  });
});
