import { removeDataDirectory } from '@qingfen/local';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from '../child.js';
import type { MeasureContext } from '../context.js';
import { compete, limitOf, type Goal, type MeasureResult } from '../measure.js';
import { paceOf, transferMethod, type Pace } from './pace.js';
import { PayingShop, type PayingTerms } from './paying-shop.js';
import type { BareTask } from './task.js';

const bareProcess = path.resolve(import.meta.dirname, 'bare-process.js');

/** One of the two gateways: how fast it lets itself be called, and what must be reached. */
interface Wish {
  readonly id: string;
  readonly perSecond: number;
  readonly payouts: number;
  /** Enough for the limit at the mean latency of 175 ms, and half as many again. */
  readonly concurrency: number;
  readonly limitGoal: Goal | null;
  readonly bareGoal: Goal | null;
}

/** P7: payouts a second where the gateway allows more than the machine can. */
export function measurePaying(context: MeasureContext): Promise<MeasureResult> {
  return measure(context, {
    id: 'P7',
    perSecond: 500,
    payouts: 2_000,
    concurrency: 128,
    limitGoal: null,
    bareGoal: { must: 0.8, aim: 0.95 },
  });
}

/** P7 where the gateway allows 30 a second. */
export function measurePayingSlowly(context: MeasureContext): Promise<MeasureResult> {
  return measure(context, {
    id: 'P7-30',
    perSecond: 30,
    payouts: 300,
    concurrency: 16,
    limitGoal: { must: 0.95, aim: 0.99 },
    bareGoal: null,
  });
}

async function measure({ rounds, seed, say }: MeasureContext, wish: Wish): Promise<MeasureResult> {
  const { id, perSecond, payouts, concurrency, limitGoal, bareGoal } = wish;
  const terms: PayingTerms = { payouts, perSecond, concurrency, seed };
  const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-bench-paying-'));
  const shop = await PayingShop.open(dataDir, terms);
  const paces: Pace[] = [];
  try {
    await shop.payOnce(); // a warm-up
    const result = await compete(
      {
        id,
        title: `payouts at a gateway of ${perSecond} a second, 50–300 ms, ${concurrency} at once`,
        unit: 'payouts/s',
        better: 'greater',
        rounds,
        say,
        product: {
          name: 'product',
          run: async () => {
            const pace = await shop.payOnce();
            paces.push(pace);
            return pace.perSecond;
          },
        },
        baselines: [
          { name: 'the limit', goal: limitGoal, run: () => Promise.resolve(perSecond) },
          {
            name: 'bare alipay-sdk loop',
            goal: bareGoal,
            run: (round) => bareLoop(shop, terms, round),
          },
        ],
      },
      () => `${payouts} payouts a round; the pace is read in the sandbox's own log of calls`,
    );
    const never = { must: 0, aim: 0 };
    return {
      ...result,
      limits: {
        'calls above the limit in any second': limitOf(
          paces.map(({ most }) => Math.max(0, most - perSecond)),
          never,
        ),
        'calls refused': limitOf(
          paces.map(({ refused }) => refused),
          never,
        ),
      },
    };
  } finally {
    await shop.close();
    removeDataDirectory(dataDir);
  }
}

/** The same payments by nothing but the SDK: no database, no confirmation, nothing kept. */
async function bareLoop(shop: PayingShop, terms: PayingTerms, round: number): Promise<number> {
  const { appId, privateKey, keyType = 'PKCS1', alipayPublicKey = '' } = shop.alipay;
  const prefix = `bare${String(round).padStart(4, '0')}`;
  const { payouts: count, concurrency, perSecond } = terms;
  const sdk = { appId, privateKey, keyType, alipayPublicKey, gateway: shop.gatewayUrl };
  const task: BareTask = { sdk, prefix, count, concurrency, perSecond: perSecond * 0.97 };
  const child = Child.start(bareProcess, [JSON.stringify(task)], { TZ: 'Asia/Shanghai' });
  try {
    await child.line((line) => (line.startsWith('{"done"') ? true : undefined));
  } finally {
    await child.stop();
  }
  const requests = await shop.sandbox.requestsOf(appId, transferMethod);
  const pace = paceOf(requests, (outBizNo) => outBizNo.startsWith(prefix));
  const paid = pace.calls - pace.refused;
  if (paid !== count) throw new Error(`the bare loop paid ${paid} of ${count}`);
  return pace.perSecond;
}
