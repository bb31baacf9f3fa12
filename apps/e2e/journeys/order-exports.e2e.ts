import { randomUUID } from 'node:crypto';
import { TextEncoderStream, type WritableStreamDefaultWriter } from 'node:stream/web';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  approvalWantedSchema,
  differenceSchema,
  type EventData,
  orderExportSchema,
  pageOf,
  problemMediaType,
  type Difference,
  type OrderExport,
} from '@qingfen/contracts';
import {
  type Answer,
  eventMessage,
  type GatewayClient,
  later,
  midnight,
  type ReferencePlan,
  span,
  until,
} from '@qingfen/testing';

import { journeySystem, Stage, type TestShop } from '../src/index.js';

const plan: ReferencePlan = {
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: { basis: 'cascade', levels: [{ rate: '0.30' }] },
  supplier: { delayDays: 7 },
};
const password = 'correct horse battery staple';
const header = 'shopId,orderId,currency,paidAt,completedAt,amount,subsidy,refunded';

/** So many uploads are read and kept at once, and so many wait; each has its whole file in memory. */
const uploadsMax = 2 + 8;

type OrderData = EventData['order-completed'];

/** A line of the file, as an order system would write what it has told. */
function line(
  { shopId, orderId, paidAt, completedAt, items }: OrderData,
  { amount = items[0]?.amount ?? '', refunded = '0.00' } = {},
): string {
  return [shopId, orderId, 'CNY', paidAt, completedAt, amount, '', refunded].join(',');
}

describe('orders compared with the order system’s own export', () => {
  let stage: Stage;
  let shop: TestShop;
  let operator: GatewayClient;
  let approver: GatewayClient;
  let viewer: GatewayClient;
  let from: string;

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    await stage.gateway.moveClock(later(midnight(await stage.gateway.now(), 1), span.hours(12)));
    from = await stage.gateway.now();
    shop = await stage.newShop({ balance: '5000.00' });
    await shop.publishPlan(plan);
    await shop.putPayees(['d-1', 'sup-1']);
    const roles = ['operator', 'approver', 'viewer'] as const;
    const users = roles.map((role) => {
      const username = `${role}-${randomUUID().slice(0, 8)}`;
      const grants = [{ role, shopId: shop.shopId }];
      return stage.gateway.userWith({ username, password, roles: grants });
    });
    [operator, approver, viewer] = (await Promise.all(users)) as [
      GatewayClient,
      GatewayClient,
      GatewayClient,
    ];
  });
  afterAll(() => stage.close());

  const day = (): string => from.slice(0, 10);
  const path = (): string => `/shops/${shop.shopId}/reconciliations/order-exports`;
  const csv = { 'content-type': 'text/csv' };

  function upload(
    by: GatewayClient,
    lines: readonly string[],
    query = `?day=${day()}`,
  ): Promise<Answer> {
    const raw = [header, ...lines].join('\r\n');
    return by.call('POST', path() + query, { raw, headers: csv });
  }

  /** Uploads, and waits until it is compared. */
  async function compared(lines: readonly string[]): Promise<OrderExport> {
    const answer = await upload(operator, lines);
    expect(answer).toMatchObject({ status: 202, body: { rows: lines.length } });
    const { exportId } = orderExportSchema.parse(answer.body);
    await stage.gateway.waitForIdle();
    const found = (await exports()).find((one) => one.exportId === exportId);
    if (found === undefined) throw new Error(`${exportId} is not listed`);
    return found;
  }

  async function exports(): Promise<readonly OrderExport[]> {
    const { status, body } = await viewer.call('GET', path());
    expect(status).toBe(200);
    return pageOf(orderExportSchema).parse(body).items;
  }

  async function differences(state: string): Promise<readonly Difference[]> {
    const { body } = await viewer.call('GET', `/shops/${shop.shopId}/differences?state=${state}`);
    return pageOf(differenceSchema).parse(body).items;
  }

  const told = ({ class: name, subject, amount }: Difference): string =>
    `${name} ${subject.id} ${amount}`;

  it('R-REC-2 R-REC-3 what either side lacks or states otherwise is found, mended and closed', async () => {
    const at = await stage.gateway.now();
    const order = (amount: string): OrderData => shop.orderData({ at, amount });
    const [same, refunded, dearer, vanished, untold, gone] = [
      ...['100.00', '80.00', '50.00', '30.00', '20.00', '10.00'].map(order),
    ] as [OrderData, OrderData, OrderData, OrderData, OrderData, OrderData];
    await shop.publishOrders([same, refunded, dearer, vanished, gone]);
    const items = [{ itemId: 'i-1', amount: '8.00' }];
    const refund = { shopId: shop.shopId, orderId: refunded.orderId, refundedAt: at, items };
    await stage.upstream.publish([
      eventMessage('order-refunded', { ...refund, refundId: 'r-1' }, { key: refunded.orderId }),
    ]);
    await stage.gateway.moveClock(later(midnight(from, 1), span.hours(12)));
    const right = [line(same), line(refunded, { refunded: '8.00' })];
    const first = await compared([...right, line(dearer, { amount: '50.01' }), line(untold)]);
    expect(first).toMatchObject({ state: 'done', rows: 4, problem: null });
    expect(first.found).toEqual([
      ...[
        { class: 'missing-here', count: 1 },
        { class: 'amount-differs', count: 1 },
      ],
      { class: 'status-differs', count: 2 },
    ]);
    const open = await differences('open');
    expect(open.map(told).sort()).toEqual(
      [
        `missing-here ${untold.orderId} 20.00`,
        `amount-differs ${dearer.orderId} 0.01`,
        `status-differs ${vanished.orderId} 30.00`,
        `status-differs ${gone.orderId} 10.00`,
      ].sort(),
    );
    const alertsOf = async (differenceId: string): Promise<readonly string[]> =>
      (await stage.gateway.alerts(shop.shopId))
        .filter(({ subject }) => subject.id === differenceId)
        .map(({ state }) => state);
    const missing = open.find(({ class: name }) => name === 'missing-here');
    expect(missing).toMatchObject({ ours: null, theirs: { exportId: first.exportId } });
    const { differenceId = '' } = missing ?? {};
    await until('the alert is raised', () => alertsOf(differenceId), {
      deadlineMs: 20_000,
      holds: (seen) => seen.includes('raised'),
    });
    // The message comes at last.
    await shop.publishOrders([untold]);
    await until('the message mends it', () => differences('cleared'), {
      deadlineMs: 20_000,
      holds: (seen) => seen.map(told).includes(`missing-here ${untold.orderId} 20.00`),
    });
    // A better file mends what the first had wrong.
    await compared([...right, line(dearer), line(vanished), line(untold)]);
    const [last, ...others] = await differences('open');
    expect([last && told(last), others]).toEqual([`status-differs ${gone.orderId} 10.00`, []]);
    await close(last?.differenceId ?? '');
    expect(await compared([...right, line(dearer), line(vanished), line(untold)])).toMatchObject({
      found: [{ class: 'status-differs', count: 1 }],
    });
    expect(await differences('open')).toEqual([]);
    expect(await exports()).toHaveLength(2);
  });

  async function close(differenceId: string): Promise<void> {
    const address = `/shops/${shop.shopId}/differences/${differenceId}/close`;
    const json = { as: 'explained', reason: '测试订单，已在订单系统删除' };
    const asked = await operator.call('POST', address, { json });
    expect(asked.status).toBe(202);
    const { approvalId } = approvalWantedSchema.parse(asked.body);
    const approve = `/shops/${shop.shopId}/approvals/${approvalId}/approve`;
    const agreed = { json: { reason: '已核对' } };
    expect((await operator.call('POST', approve, agreed)).status).toBe(403);
    expect((await approver.call('POST', approve, agreed)).status).toBe(200);
  }

  it('R-REC-2 R-SEC-4 is uploaded by an operator, as CSV, whole or not at all', async () => {
    const other = shop.orderData({ at: from, amount: '1.00' });
    const { orderId } = other;
    const before = await exports();
    expect((await upload(viewer, [])).status).toBe(403);
    expect((await operator.call('POST', `${path()}?day=${day()}`, { json: {} })).status).toBe(415);
    expect((await upload(operator, [], '')).status).toBe(400);
    expect(
      (await upload(operator, [], `?day=${day()}&to=${encodeURIComponent(from)}`)).status,
    ).toBe(400);
    const nowhere = path().replace(shop.shopId, 'no-such-shop');
    const elsewhere = { raw: header, headers: csv };
    const lost = await stage.gateway.call('POST', `${nowhere}?day=${day()}`, elsewhere);
    expect(lost.status).toBe(404);
    const lines = [line(other), line(other), `${line(other, { amount: '1,00' })}`];
    const refused = await upload(operator, lines);
    expect(refused).toMatchObject({ status: 422, body: { code: 'bad-export' } });
    expect(refused.body).toMatchObject({
      errors: [
        { pointer: '/lines/3/orderId', messageZh: expect.stringContaining('第 3 行') },
        { pointer: '/lines/4', message: expect.stringContaining('9 cells') },
      ],
    });
    const big = await upload(operator, Array<string>(250_000).fill(line(other)));
    expect(big).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect(await exports()).toEqual(before);
    expect(orderId).not.toBe('');
  });

  it('R-REC-2 the same bytes are the same upload, with a key and without', async () => {
    const lines: string[] = [];
    const query = `?from=${encodeURIComponent(from)}&to=${encodeURIComponent(later(from, 1))}`;
    const first = await upload(operator, lines, query);
    const again = await upload(operator, lines, query);
    const { exportId, sha256 } = orderExportSchema.parse(first.body);
    expect(again).toMatchObject({ status: 202, body: { exportId, sha256, rows: 0 } });
    const key = { raw: header, headers: { ...csv, 'idempotency-key': randomUUID() } };
    expect((await operator.call('POST', path() + query, key)).status).toBe(202);
    const replayed = await operator.call('POST', path() + query, key);
    expect(replayed.headers['idempotency-replayed']).toBe('true');
    const otherFile = { ...key, raw: `${header}\n\n` };
    expect((await operator.call('POST', path() + query, otherFile)).status).toBe(422);
    expect((await exports()).filter((one) => one.exportId === exportId)).toHaveLength(1);
  });

  /** An upload whose file comes to its end when it is let. */
  class HeldUpload {
    answer: Answer | undefined;
    readonly #file: WritableStreamDefaultWriter<string>;
    readonly #over: Promise<unknown>;

    constructor(query: string) {
      const { readable, writable } = new TextEncoderStream();
      this.#file = writable.getWriter();
      const call = { raw: readable, headers: csv };
      const answered = operator.call('POST', path() + query, call).then((answer) => {
        this.answer = answer;
      });
      // Nothing at all is sent before there is something to send.
      this.#over = Promise.allSettled([answered, this.#file.write(header)]);
    }

    async end(): Promise<void> {
      // Nobody reads the file of the one that was sent away.
      await Promise.allSettled([this.#file.close(), this.#over]);
    }
  }

  it('R-REC-2 of too many uploads at once one is told when to come again, and is taken then', async () => {
    const query = `?from=${encodeURIComponent(from)}&to=${encodeURIComponent(later(from, 2))}`;
    const tooMany = {
      status: 429,
      headers: { 'content-type': expect.stringContaining(problemMediaType), 'retry-after': '5' },
      body: { code: 'too-many-requests', status: 429, requestId: expect.any(String) },
    };
    const held = Array.from({ length: uploadsMax + 1 }, () => new HeldUpload(query));
    const answers = (): readonly Answer[] => held.flatMap(({ answer }) => answer ?? []);
    try {
      await until('one of too many uploads to be sent away', answers, {
        deadlineMs: 20_000,
        holds: (seen) => seen.length > 0,
      });
      expect(answers()).toMatchObject([tooMany]);
      // Whoever sends a whole file meanwhile hears it too, and nobody else is kept waiting.
      const whole = Array<string>(20_000).fill(line(shop.orderData({ at: from, amount: '1.00' })));
      expect(await upload(operator, whole, query)).toMatchObject(tooMany);
      expect((await exports()).filter(({ to }) => to === later(from, 2))).toEqual([]);
    } finally {
      await Promise.all(held.map((one) => one.end()));
    }
    expect(answers().filter(({ status }) => status === 202)).toHaveLength(uploadsMax);
    expect(await upload(operator, [], query)).toMatchObject({ status: 202, body: { rows: 0 } });
  });
});
