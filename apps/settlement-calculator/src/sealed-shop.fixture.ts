import type { Database } from '@qingfen/database';
import { makeSigningKey, type LedgerKeySecrets } from '@qingfen/security';
import { createLogger } from '@qingfen/telemetry';
import type { FirstBad } from './batch-verdict.js';
import type { Books } from './books.fixture.js';
import { HeadFiles } from './head-files.js';
import type { SignedHead } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { Desk, maker } from './manual.fixture.js';
import { Sales, supplied } from './sales.fixture.js';
import { SealService } from './seal.service.js';
import { VerifyService } from './verify.service.js';

const sealedPlan = {
  ...supplied,
  teamReward: {
    method: 'whole',
    tiers: [{ from: '0.00', rate: '0.01' }],
    cycle: { every: 'day', at: '03:00' },
  },
} satisfies Parameters<Sales['newShop']>[2];

const logger = createLogger({ service: 'settlement-calculator', level: 'error' });

/** The sealer and the verifier over books, as a service has them. */
export class SealedBooks {
  readonly seals: SealService;
  readonly files: HeadFiles;
  readonly keys: LedgerKeys;

  /** @param folder of the heads' files; null keeps none */
  constructor(
    readonly books: Books,
    folder: string | null = null,
    key: LedgerKeySecrets = { current: makeSigningKey('settlement-calculator-1') },
  ) {
    this.files = new HeadFiles(folder);
    this.keys = new LedgerKeys(books.units, key, logger);
    this.seals = new SealService(this.keys);
  }

  /** Seals what has committed. @returns heads that were said while doing so */
  async seal(shopId: string): Promise<SignedHead[]> {
    const heads: SignedHead[] = [];
    for (let isMore = true; isMore;) {
      const sealed = await this.books.units.run((unit) => this.seals.seal(unit, shopId));
      if (sealed.said !== null) {
        heads.push(sealed.said.head);
        await this.files.keep(sealed.said.head, sealed.said.keys);
      }
      isMore = sealed.isMore;
    }
    return heads;
  }

  async sayHead(shopId: string): Promise<SignedHead | null> {
    const said = await this.books.units.run((unit) => this.seals.sayHead(unit, shopId));
    if (said !== null) await this.files.keep(said.head, said.keys);
    return said?.head ?? null;
  }

  verifier(database: Pick<Database, 'query'> = this.books.database): VerifyService {
    return new VerifyService(database, this.files, this.keys);
  }

  /** What the verifier finds once somebody has changed the database so; nothing of it stays. */
  async foundAfter(shopId: string, ...sql: readonly string[]): Promise<FirstBad | null> {
    let found: FirstBad | null = null;
    const undo = new Error('undo');
    try {
      await this.books.database.transaction(async (tx) => {
        for (const text of sql) await tx.query(text);
        found = (await this.verifier(tx).verify(shopId, 1)).firstBad;
        throw undo;
      });
    } catch (error) {
      if (error !== undo) throw error;
    }
    return found;
  }
}

/** A shop in which every kind of fact was booked, over several days and blocks; sealed to the end. */
export async function livedShop(sealed: SealedBooks, name: string): Promise<string> {
  const { books } = sealed;
  const desk = new Desk(books);
  const sales = new Sales(desk);
  const payeeIds = ['d-1', 'd-2', 'd-3', 's-1'];
  const shopId = await sales.newShop(name, payeeIds, sealedPlan);
  const orders = [1, 2, 3, 4].map((number) =>
    sales.order(shopId, {
      orderId: `o-${number}`,
      distributors: [`d-${(number % 3) + 1}`],
      teamId: 't-1',
      alipayTradeNo: `20260101${number}`,
    }),
  );
  await sales.sold(orders);
  await sealed.seal(shopId);
  await books.heard('order-refunded', [
    sales.refund(shopId, 'r-1', '30.00', 'o-1'),
    sales.refund(shopId, 'r-2', '10.00', 'o-2'),
  ]);
  await sealed.seal(shopId);
  sales.night();
  await books.runDue();
  await sealed.seal(shopId);
  sales.morning();
  await desk.ended(shopId, 'd-1', { status: 'failed', payeeFault: true });
  await desk.ended(shopId, 'd-2', { status: 'succeeded' });
  await books.heard('order-refunded', [sales.refund(shopId, 'r-3', '20.00', 'o-1')]);
  await adjusted(desk, shopId);
  await sealed.seal(shopId);
  await outside(desk, sales, shopId);
  await rebound(desk, sales, shopId);
  await sealed.seal(shopId);
  sales.nextDay();
  await books.runDue();
  await sealed.seal(shopId);
  return shopId;
}

async function adjusted(desk: Desk, shopId: string): Promise<void> {
  for (const amount of ['5.00', '-1.00', '2.00']) {
    const body = { payeeId: 'd-3', kind: 'commission', amount, reason: 'by hand' } as const;
    await desk.run((unit) =>
      desk.adjustments.create(unit, { limit: desk.limit, shopId, caller: maker, body }),
    );
  }
}

/** Two orders from before the first version, one with several parties, closed as paid elsewhere. */
async function outside(desk: Desk, sales: Sales, shopId: string): Promise<void> {
  const paidAt = '2025-12-20T10:00:00+08:00';
  for (const orderId of ['o-8', 'o-9']) {
    await sales.sold([sales.order(shopId, { orderId, paidAt, distributors: ['d-1', 'd-2'] })]);
    const body = { version: 1, settledOutside: true, reason: 'paid by hand' };
    await desk.run((unit) => desk.bindings.bind(unit, { shopId, orderId, caller: maker, body }));
  }
}

/** Orders that a version binds anew which comes after they did. */
async function rebound(desk: Desk, sales: Sales, shopId: string): Promise<void> {
  const since = desk.books.clock.now().toISOString();
  await desk.books.completed(
    ['o-5', 'o-6', 'o-7'].map((orderId) => sales.order(shopId, { orderId, distributors: ['d-1'] })),
  );
  const plan = { ...sealedPlan, platformFee: { rate: '0.05' } };
  await desk.publish(shopId, since, { version: 2, plan });
  await desk.books.units.run((unit) => desk.books.rebinding.rebind(unit, 10));
}
