import { decideDetailAnswer, type Decision } from '@qingfen/core-payout';
import { isInfrastructureError } from '@qingfen/database';
import { withCorrelation } from '@qingfen/telemetry';
import type { AskerParts } from './asker.js';
import { batchKeyText, claimDueBatches, noteBatchTransId, type BatchKey } from './batch.store.js';
import { comes, Turns } from './call-rate.js';
import type { BatchLook } from './merchant.js';
import type { HeldPayout } from './payout.store.js';

/** Batches that are asked about at once. */
const atOnceMax = 4;

/** Asks Alipay about batches: one question tells of every payment, each is decided by itself. */
export class BatchAsker {
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly parts: Omit<AskerParts, 'bills' | 'concurrency'>) {}

  /** Resolves when every question under way has been answered and written. */
  async rest(): Promise<void> {
    await Promise.allSettled([...this.running.values()]);
  }

  /** Takes what is to be asked about now. Answers whether there was anything. */
  async round(): Promise<boolean> {
    const { database, clock, leaseMs, rates } = this.parts;
    const limit = atOnceMax - this.running.size;
    if (limit <= 0) return false;
    const begunUntil = clock.begunUntil();
    const { due, turns } = await database.transaction(async (tx) => {
      const claimed = byBatch(await claimDueBatches(tx, { begunUntil, limit, leaseMs }));
      const wanted = new Map<string, number>();
      for (const { appId } of claimed) wanted.set(appId, (wanted.get(appId) ?? 0) + 1);
      const wish = { api: 'query', rates, wanted, horizonMs: leaseMs } as const;
      return { due: claimed, turns: await Turns.take(tx, wish) };
    });
    for (const asked of due) this.start(asked, turns.next(asked.appId));
    return due.length > 0;
  }

  private start(asked: AskedBatch, atMs: number): void {
    this.parts.work.begin();
    const key = batchKeyText(asked.key);
    const [first] = asked.members;
    const correlationId = first?.correlationId ?? asked.key.batchNo;
    const done = withCorrelation({ correlationId }, async () => {
      await comes(atMs);
      return this.ask(asked);
    });
    const ended = done.then(
      (decisions) => {
        this.running.delete(key);
        for (const decision of decisions) this.parts.onDone(decision);
      },
      (error: unknown) => {
        this.running.delete(key);
        this.parts.logger.error({ err: error, key }, 'a question was lost by a bug');
      },
    );
    this.running.set(key, ended);
  }

  private async ask(asked: AskedBatch): Promise<readonly (Decision | null)[]> {
    const { key, members } = asked;
    const look = await this.lookAt(asked);
    if (look.batchTransId !== null) {
      await noteBatchTransId(this.parts.database, key, look.batchTransId);
    }
    this.parts.logger.info({ ...key, payouts: members.length }, 'Alipay was asked about a batch');
    return Promise.all(
      members.map((held) => {
        const answer = look.detailOf(held.payout.outBizNo);
        const decide = (now: Date): Decision => decideDetailAnswer(held.payout, answer, now);
        return this.parts.writer.write({ held, decide });
      }),
    );
  }

  private async lookAt({ key, appId }: AskedBatch): Promise<BatchLook> {
    try {
      const merchant = await this.parts.merchants.of(key.shopId);
      if (merchant?.appId === appId) return await merchant.askBatch(key.batchNo);
      return silent('its merchant is not configured');
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.parts.logger.error({ err: error, shopId: key.shopId }, 'keys cannot be used');
      return silent("the shop's keys cannot be used");
    }
  }
}

/** A batch and its payouts that may be asked about. */
interface AskedBatch {
  readonly key: BatchKey;
  readonly appId: string;
  readonly members: HeldPayout[];
}

function byBatch(claimed: readonly HeldPayout[]): AskedBatch[] {
  const batches = new Map<string, AskedBatch>();
  for (const held of claimed) {
    const { shopId, batchNo, appId } = held.payout;
    if (batchNo === null || appId === null) continue;
    const key = { shopId, batchNo };
    const known = batches.get(batchKeyText(key));
    if (known === undefined) batches.set(batchKeyText(key), { key, appId, members: [held] });
    else known.members.push(held);
  }
  return [...batches.values()];
}

function silent(why: string): BatchLook {
  return { batchTransId: null, detailOf: () => ({ kind: 'unclear', why, isKnown: false }) };
}
