import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { outBizNoOf } from './out-biz-no.js';
import { PayoutHouse, userCalled, type Scene } from './payout-house.fixture.js';
import { until, type SandboxBatch } from './sandbox.fixture.js';

const atOnce = 'alipay.fund.batch.uni.transfer';
const deadlineMs = 20_000;
const settings = { PAYOUT_BATCH_GATHER_MS: '100', PAYOUT_BATCH_MAX: '3' };

let house: PayoutHouse;

beforeAll(async () => {
  house = await PayoutHouse.open();
  await house.startWorker(16, settings);
}, 60_000);

afterAll(async () => {
  await house.close();
});

function inBatch(
  { key }: Scene,
  name: string,
  change: Partial<EventData['payout-requested']> = {},
): EventData['payout-requested'] {
  return house.instruction(key(name), { payVia: 'batch', ...change });
}

/** The only batch of a merchant, once it is as it should be. */
async function batchOf({ appId }: Scene, status: string): Promise<SandboxBatch> {
  const [batch] = await until(`the batch is ${status}`, () => house.sandbox.batches(appId), {
    deadlineMs,
    holds: (batches) => batches[0]?.status === status,
  });
  if (batch === undefined) throw new Error('there is no batch');
  return batch;
}

/** A step of the virtual clock: what waits is looked at. */
function lookAgain(): void {
  house.move(house.later(11));
}

async function moved({ appId }: Scene): Promise<string[]> {
  const all = await house.sandbox.transfers(appId);
  return all.map(({ way, outBizNo, amount }) => `${way} ${outBizNo} ${amount}`).sort();
}

const line = ({ key }: Scene, name: string, amount = '12.30', way = 'batch'): string =>
  `${way} ${outBizNoOf(key(name))} ${amount}`;

describe('a batch', () => {
  it('R-ALI-2 holds what is asked for together, waits for its payer and is paid each by itself', async () => {
    const scene = await house.scene();
    const { shopId, key } = scene;
    await house.request(
      inBatch(scene, 'a'),
      inBatch(scene, 'b', { amount: '1.00' }),
      inBatch(scene, 'small', { amount: '0.99' }),
    );
    await house.reaches(key('small'), 'succeeded');
    await house.reaches(key('a'), 'waiting:confirmation');
    await house.reaches(key('b'), 'waiting:confirmation');
    expect(await moved(scene)).toEqual([line(scene, 'small', '0.99', 'transfer')]);
    const batch = await batchOf(scene, 'WAIT_PAY');
    const shown = await house.shown(key('a'));
    expect(shown.batch).toMatchObject({ batchNo: batch.outBatchNo, payouts: 2, amount: '13.30' });
    const page = await (await fetch(shown.batch?.confirmUrl ?? '')).arrayBuffer();
    expect(new TextDecoder('gbk').decode(page)).toContain('合计13.30元');
    const open = await house.sql<{ subject: string }>(
      `SELECT subject_id AS subject FROM alert
        WHERE class = 'payout-confirmation' AND shop_id = $1 AND state = 'raised'`,
      [shopId],
    );
    expect(open).toEqual([{ subject: batch.outBatchNo }]);

    await house.sandbox.confirmBatch(batch.batchTransId);
    lookAgain();
    await house.reaches(key('a'), 'succeeded');
    await house.reaches(key('b'), 'succeeded');
    expect(await moved(scene)).toEqual(
      [line(scene, 'a'), line(scene, 'b', '1.00'), line(scene, 'small', '0.99', 'transfer')].sort(),
    );
    expect(await house.movesOf(key('a'))).toEqual([
      'requested → sending',
      'sending → waiting',
      'waiting → unknown',
      'unknown → succeeded',
    ]);
    expect((await house.shown(key('a'))).batch?.confirmUrl).toBeNull();
    const ended = await house.sql(
      `SELECT 1 FROM alert WHERE class = 'payout-confirmation' AND shop_id = $1 AND state = 'raised'`,
      [shopId],
    );
    expect(ended).toEqual([]);
  }, 60_000);

  it('R-ALI-2 is paid at once where the merchant may, as many batches as it takes', async () => {
    const scene = await house.scene('100.00', true);
    const names = ['a', 'b', 'c', 'd'];
    await house.request(...names.map((name) => inBatch(scene, name)));
    for (const name of names) await house.reaches(scene.key(name), 'succeeded');
    expect(await moved(scene)).toEqual(names.map((name) => line(scene, name)).sort());
    const batches = await house.sandbox.batches(scene.appId);
    expect(batches.map(({ details }) => details.length).sort()).toEqual([1, 3]);
  }, 60_000);

  it('R-ALI-2 F19 fails for one payee alone: the others are paid', async () => {
    const scene = await house.scene('100.00', true);
    const { shopId, key } = scene;
    const gone = await house.payee(shopId, 'd-2');
    await house.sandbox.putAccount(gone, { status: 'missing' });
    await house.request(inBatch(scene, 'good'), inBatch(scene, 'bad', { payeeId: 'd-2' }));
    await house.reaches(key('good'), 'succeeded');
    await house.reaches(key('bad'), 'failed');
    expect(await moved(scene)).toEqual([line(scene, 'good')]);
    const results = (await house.saidOn('payout-result')).filter(
      (said) => said['shopId'] === shopId,
    );
    expect(results).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'succeeded' }),
        expect.objectContaining({ status: 'failed', payeeFault: true }),
      ]),
    );
  }, 60_000);

  const faults = ['timeout-after', 'drop-connection', 'bad-signature', 'truncated'] as const;
  it.each(faults)(
    'R-ALI-2 F16 O4 is never made twice: %s',
    async (fault) => {
      const scene = await house.scene('100.00', true);
      const match = { appId: scene.appId };
      await house.sandbox.addFault({ api: atOnce, fault, match, times: 1 });
      await house.request(inBatch(scene, 'a'), inBatch(scene, 'b'));
      for (const name of ['a', 'b']) await house.reaches(scene.key(name), 'succeeded');
      expect(await moved(scene)).toEqual([line(scene, 'a'), line(scene, 'b')].sort());
      expect(await house.sandbox.batches(scene.appId)).toHaveLength(1);
    },
    60_000,
  );

  it('R-ALI-2 F16 R-FAI-1 goes out again, the same, when Alipay twice does not know it', async () => {
    const scene = await house.scene('100.00', true);
    const match = { appId: scene.appId };
    await house.sandbox.addFault({ api: atOnce, fault: 'timeout-before', match, times: 1 });
    await house.request(inBatch(scene, 'a'), inBatch(scene, 'b'));
    for (const name of ['a', 'b']) await house.reaches(scene.key(name), 'unknown');
    await settled(scene);
    house.move(house.later(11));
    for (const name of ['a', 'b']) await house.reaches(scene.key(name), 'succeeded');
    const [batch, ...more] = await house.sandbox.batches(scene.appId);
    expect(more).toEqual([]);
    const requests = await house.sandbox.requests(batch?.outBatchNo ?? '');
    const sent = requests.filter(({ method }) => method === atOnce);
    expect(new Set(sent.map(({ bizContentSha256 }) => bizContentSha256)).size).toBe(1);
    expect(sent).toHaveLength(2);
  }, 60_000);

  it('R-ALI-2 R-FAI-1 waits whole for funds, and goes out again under its own number', async () => {
    const scene = await house.scene('20.00', true);
    const { appId, key } = scene;
    await house.request(inBatch(scene, 'a'), inBatch(scene, 'b'));
    for (const name of ['a', 'b']) await house.reaches(key(name), 'waiting:funds');
    const order = { key: key('a'), reason: 'no', caller: userCalled('max') } as const;
    await expect(house.payouts.act({ ...order, act: 'cancel' })).rejects.toMatchObject({
      problem: { code: 'part-of-batch' },
    });
    await house.sandbox.move(appId, { amount: '100.00', type: 'top-up' });
    lookAgain();
    for (const name of ['a', 'b']) await house.reaches(key(name), 'succeeded');
    expect(await moved(scene)).toEqual([line(scene, 'a'), line(scene, 'b')].sort());
    expect(await house.sandbox.batches(appId)).toHaveLength(1);
  }, 60_000);

  it('R-ALI-2 R-OPS-2 is closed whole: at Alipay while it waits for its payer, here where Alipay has it not', async () => {
    const [waiting, short] = [await house.scene(), await house.scene('1.00', true)];
    for (const scene of [waiting, short]) {
      await house.request(inBatch(scene, 'a'), inBatch(scene, 'b'));
    }
    const close = ({ key }: Scene): Promise<void> =>
      house.batches.close({ key: key('a'), reason: 'not wanted', caller: userCalled('max') });
    await house.reaches(waiting.key('b'), 'waiting:confirmation');
    await house.reaches(short.key('b'), 'waiting:funds');
    await close(waiting);
    await close(short);
    for (const name of ['a', 'b']) {
      await house.reaches(waiting.key(name), 'failed');
      await house.reaches(short.key(name), 'cancelled');
    }
    await batchOf(waiting, 'DISUSE');
    expect([...(await moved(waiting)), ...(await moved(short))]).toEqual([]);
  }, 60_000);

  it('R-ALI-2 is not closed once its payer has confirmed it', async () => {
    const scene = await house.scene();
    const { key } = scene;
    await house.request(inBatch(scene, 'a'));
    await house.reaches(key('a'), 'waiting:confirmation');
    const { batchTransId } = await batchOf(scene, 'WAIT_PAY');
    await house.sandbox.confirmBatch(batchTransId);
    const order = { key: key('a'), reason: 'late', caller: userCalled('max') };
    await expect(house.batches.close(order)).rejects.toMatchObject({
      problem: { code: 'may-be-paid' },
    });
    lookAgain();
    await house.reaches(key('a'), 'succeeded');
  }, 60_000);

  it('R-SEC-2 R-ALI-2 is stored encrypted, adds up, and is never changed', async () => {
    const scene = await house.scene();
    const { shopId, key } = scene;
    await house.request(inBatch(scene, 'a'));
    await house.reaches(key('a'), 'waiting:confirmation');
    const rows = await house.sql('SELECT b::text AS row FROM payout_batch b WHERE shop_id = $1', [
      shopId,
    ]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/example\.com|张三/);
    const broken = [
      `UPDATE payout_batch SET amount_minor = amount_minor + 1 WHERE shop_id = '${shopId}'`,
      `UPDATE payout_batch SET batch_trans_id = 'other' WHERE shop_id = '${shopId}'`,
      `UPDATE payout SET batch_no = NULL WHERE shop_id = '${shopId}'`,
      `INSERT INTO payout_batch SELECT shop_id, 'QB' || repeat('0', 30), app_id, kind, mode, 7,
         amount_minor, request, NULL, stored_at FROM payout_batch WHERE shop_id = '${shopId}'`,
    ];
    for (const sql of broken) await expect(house.sql(sql)).rejects.toThrow(/batch|way/);
  }, 60_000);

  it('R-ALI-2 R-REF-3 takes aside whom the ledger doubts, and pays the others', async () => {
    const scene = await house.scene('100.00', true);
    house.others.doubts.set('po_owing', 'debt: the payee owes more than is unstated since');
    await house.request(inBatch(scene, 'owing'), inBatch(scene, 'fine'));
    await house.reaches(scene.key('owing'), 'review');
    await house.reaches(scene.key('fine'), 'succeeded');
    expect(await moved(scene)).toEqual([line(scene, 'fine')]);
  }, 60_000);

  it('R-ALI-2 R-OPS-2 is not sent while a stop is set', async () => {
    const scene = await house.scene('100.00', true);
    const stop = { stopped: true, reason: 'look' };
    await house.stops.setOne(scene.shopId, stop, userCalled('max'));
    await house.request(inBatch(scene, 'a'));
    await house.reaches(scene.key('a'), 'waiting:stop');
    expect(await house.sandbox.batches(scene.appId)).toEqual([]);
    await house.stops.setOne(scene.shopId, { ...stop, stopped: false }, userCalled('max'));
    await house.reaches(scene.key('a'), 'succeeded');
  }, 60_000);
});

/** Until the queries on real time are over and have found nothing: the next is on business time. */
async function settled({ shopId }: Scene): Promise<void> {
  await until(
    'it is asked on business time',
    () =>
      house.sql<{ asked: number }>(
        `SELECT asked FROM payout WHERE shop_id = $1 AND ask_at IS NOT NULL`,
        [shopId],
      ),
    { deadlineMs, holds: (rows) => rows.length === 2 },
  );
}
