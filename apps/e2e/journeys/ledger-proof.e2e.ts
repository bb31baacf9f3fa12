import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData, LedgerProof, LedgerVerification } from '@qingfen/contracts';
import { later, span, until } from '@qingfen/testing';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cascadePlan, journeySystem, Stage, type TestShop } from '../src/index.js';

const clone = path.resolve(import.meta.dirname, '../../..');
const deadlineMs = 60_000;

/** What the tool says, and its status. */
function tool(script: string, ...args: readonly string[]): { status: number | null; said: string } {
  const file = path.join(clone, script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe('a ledger that others check', () => {
  let stage: Stage;
  let shop: TestShop;
  let order: EventData['order-completed'];
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'qingfen-ledger-'));
    stage = await Stage.open(journeySystem());
    shop = await stage.newShop();
    await shop.publishPlan(cascadePlan);
    await shop.putPayees(['d-1', 'd-2', 'd-3', 'sup-1']);
    const at = await stage.gateway.now();
    order = shop.orderData({ at, amount: '100.00' });
    await shop.publishOrders([order]);
    await stage.gateway.waitForIdle();
    // What is sealed on another day is under the head of the day before.
    await until('the first day to be sealed', verified, {
      deadlineMs,
      holds: ({ head }) => head !== null,
    });
    await stage.gateway.moveClock(later(at, span.days(1)));
    await shop.publishOrders([shop.orderData({ at: await stage.gateway.now(), amount: '50.00' })]);
    await stage.gateway.waitForIdle();
    await until('the second day to be sealed', verified, {
      deadlineMs,
      holds: ({ head }) => (head?.block ?? 0) > 1,
    });
  });
  afterAll(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function verified(fromBlock?: number): Promise<LedgerVerification> {
    const query = fromBlock === undefined ? '' : `?fromBlock=${fromBlock}`;
    const { body } = await stage.gateway.call('GET', `/shops/${shop.shopId}/ledger/verify${query}`);
    return body as LedgerVerification;
  }

  /** A day's head as the sealer left it outside of the database. */
  function headFile(day: string): string {
    return path.join(stage.ready.dataDir, 'ledger-heads', shop.shopId, `${day}.json`);
  }

  const dayOf = (proof: LedgerProof): string => proof.head.day;

  async function proven(): Promise<LedgerProof> {
    const { entries } = await stage.gateway.order(shop.shopId, order.orderId);
    const entry = entries.find(({ payeeId }) => payeeId === 'd-1');
    const url = `/shops/${shop.shopId}/ledger/proofs/entries/${entry?.entryId ?? ''}`;
    const { status, body } = await stage.gateway.call('GET', url);
    expect(status).toBe(200);
    return body as LedgerProof;
  }

  it('R-EVO-1 a payee checks its entry with a file and a program that knows no database', async () => {
    const proof = await proven();
    const key = path.join(folder, 'key.pem');
    const head = JSON.parse(readFileSync(headFile(dayOf(proof)), 'utf8'));
    writeFileSync(key, head.publicKey);
    const good = path.join(folder, 'proof.json');
    writeFileSync(good, JSON.stringify(proof));
    const { status, said } = tool('tools/verify/verify.mjs', good, '--key', key);
    expect([status, said]).toEqual([0, expect.stringContaining('"2700"')]);
    const forged = path.join(folder, 'forged.json');
    writeFileSync(forged, JSON.stringify({ ...proof, fact: proof.fact.replace('2700', '2800') }));
    expect(tool('tools/verify/verify.mjs', forged, '--key', key).status).toBe(1);
  });

  it('R-EVO-1 the head of a day is on the topic as it is in its file', async () => {
    const { head } = await proven();
    const file = JSON.parse(readFileSync(headFile(head.day), 'utf8'));
    const said = (await stage.read('ledger-head')).flatMap(({ key, value }) =>
      key === shop.shopId ? [JSON.parse(String(value)).data] : [],
    );
    const { format: _format, publicKey: _publicKey, ...told } = file;
    expect(said).toContainEqual(told);
  });

  it('R-OPS-3 R-EVO-1 the whole ledger is exported and checked offline', async () => {
    const file = path.join(folder, 'ledger.ndjson.gz');
    const { gateway, admin } = stage.ready;
    const from = ['--shop', shop.shopId, '--gateway', gateway, '--password', admin.password];
    const exported = tool('tools/explain/dist/export-ledger.js', ...from, '--out', file);
    expect(exported).toMatchObject({ status: 0 });
    const { status, said } = tool('tools/verify/verify.mjs', file);
    expect([status, said]).toEqual([0, expect.stringContaining('as they were sealed')]);
    expect(said).toContain('CNY payable:commission:d-1 -4050');
  });

  it('R-OPS-3 R-SEC-3 what people did is exported with it, signed by each service, and nothing can be left out', async () => {
    const file = path.join(folder, 'audit.ndjson');
    const { gateway, admin } = stage.ready;
    const from = ['--shop', shop.shopId, '--gateway', gateway, '--password', admin.password];
    const now = await stage.gateway.now();
    const acts = ['--acts-from', later(now, -span.days(40)), '--acts-to', later(now, span.days(1))];
    const exported = tool('tools/explain/dist/export-ledger.js', ...from, ...acts, '--out', file);
    expect(exported).toMatchObject({ status: 0 });
    const { status, said } = tool('tools/verify/verify.mjs', file);
    expect([status, said]).toEqual([0, expect.stringMatching(/[1-9][0-9]* acts in rules, signed/)]);
    const lines = readFileSync(file, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"acts\\",\\"rules'));
    const forgeries = {
      changed: lines.with(at, (lines[at] ?? '').replace('plan.publish', 'plan.praise!')),
      shortened: lines.with(at, (lines[at] ?? '').replace(',true,[[', ',false,[[')),
    };
    for (const [name, forged] of Object.entries(forgeries)) {
      expect([name, forged[at] === lines[at]]).toEqual([name, false]);
      const other = path.join(folder, `${name}.ndjson`);
      writeFileSync(other, forged.join('\n'));
      expect([name, tool('tools/verify/verify.mjs', other).status]).toEqual([name, 1]);
    }
    const { status: second } = spawnSync('python3', [
      path.join(clone, 'tools/verify/verify.py'),
      file,
    ]);
    expect([0, null]).toContain(second); // null: there is no Python here
  });

  it('R-EVO-1 O9 F28 somebody who changes a row behind our back is found, and the row named', async () => {
    expect(await verified()).toMatchObject({ ok: true, firstBad: null });
    const [row] = await stage.query<{ block: string }>(
      'SELECT block FROM settlement_calculator.accrual WHERE shop_id = $1 AND order_id = $2',
      [shop.shopId, order.orderId],
    );
    const change = (by: number): Promise<unknown[]> =>
      stage.query(
        `UPDATE settlement_calculator.accrual SET amounts[2] = amounts[2] + $3
          WHERE shop_id = $1 AND order_id = $2`,
        [shop.shopId, order.orderId, by],
      );
    await change(1);
    expect(await verified()).toMatchObject({
      ok: false,
      firstBad: { block: 1, table: 'accrual', key: row?.block },
    });
    await change(-1);
    expect(await verified()).toMatchObject({ ok: true, firstBad: null });
    expect(await verified(2)).toMatchObject({ ok: true });
  });
});
