import {
  decideAnswer,
  realGapsMs,
  type Decision,
  type Payout,
  type QueryAnswer,
} from '@qingfen/core-payout';
import type { Clock } from '@qingfen/clock';
import { isInfrastructureError, type Database, type Tx } from '@qingfen/database';
import { withCorrelation, type Logger, type WorkCounter } from '@qingfen/telemetry';
import { claimDue } from './ask.store.js';
import type { BillWitness } from './bill-witness.js';
import { comes, Turns, type CallRates } from './call-rate.js';
import type { Merchants } from './merchants.js';
import { keyText, type HeldPayout } from './payout.store.js';
import type { VerdictWriter } from './verdict-writer.js';

/** What an asker needs. */
export interface AskerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly merchants: Merchants;
  readonly bills: Pick<BillWitness, 'ask'>;
  readonly rates: CallRates;
  readonly writer: VerdictWriter;
  readonly work: WorkCounter;
  readonly logger: Logger;
  /** Queries under way at most. */
  readonly concurrency: number;
  /** Real milliseconds after which a question that nobody answered is asked again. */
  readonly leaseMs: number;
  readonly onDone: (decision: Decision | null) => void;
}

/** Asks Alipay about payouts of which it is not known whether money moved; only that resolves them. */
export class Asker {
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly parts: AskerParts) {}

  /** Resolves when every query under way has been answered and written. */
  async rest(): Promise<void> {
    await Promise.allSettled([...this.running.values()]);
  }

  /** Takes what is to be asked about now. Answers whether there was anything. */
  async round(): Promise<boolean> {
    const { database, clock, concurrency, leaseMs } = this.parts;
    const limit = concurrency - this.running.size;
    if (limit <= 0) return false;
    const begunUntil = clock.begunUntil();
    const { due, turns } = await database.transaction(async (tx) => {
      const claimed = await claimDue(tx, { begunUntil, limit, leaseMs });
      return { due: claimed, turns: await this.takeTurns(tx, claimed) };
    });
    for (const held of due) this.start(held, turns.next(held.payout.appId ?? ''));
    return due.length > 0;
  }

  private takeTurns(tx: Tx, due: readonly HeldPayout[]): Promise<Turns> {
    const { rates, leaseMs } = this.parts;
    const wanted = new Map<string, number>();
    for (const { payout } of due) {
      if (payout.appId !== null) wanted.set(payout.appId, (wanted.get(payout.appId) ?? 0) + 1);
    }
    return Turns.take(tx, { api: 'query', rates, wanted, horizonMs: leaseMs });
  }

  private start(held: HeldPayout, atMs: number): void {
    this.parts.work.begin();
    const key = keyText(held.payout);
    const done = withCorrelation({ correlationId: held.correlationId }, async () => {
      await comes(atMs);
      return this.ask(held);
    });
    const ended = done.then(
      (decision) => {
        this.running.delete(key);
        this.parts.onDone(decision);
      },
      (error: unknown) => {
        this.running.delete(key);
        this.parts.logger.error({ err: error, key }, 'a query was lost by a bug');
      },
    );
    this.running.set(key, ended);
  }

  private async ask(held: HeldPayout): Promise<Decision | null> {
    const { payout } = held;
    const asked = await this.answerTo(payout);
    const answer = isSilence(asked, payout) ? await this.parts.bills.ask(payout, asked) : asked;
    const { shopId, payoutId, outBizNo, state } = payout;
    this.parts.logger.info(
      { shopId, payoutId, outBizNo, state, answer: answer.kind },
      'Alipay was asked about a payout',
    );
    const decide = (now: Date): Decision => decideAnswer(payout, answer, now);
    return this.parts.writer.write({ held, decide });
  }

  private async answerTo(payout: Payout): Promise<QueryAnswer> {
    try {
      const merchant = await this.parts.merchants.of(payout.shopId);
      if (merchant?.appId === payout.appId) return await merchant.ask(payout);
      return { kind: 'unclear', why: 'its merchant is not configured', isKnown: false };
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.parts.logger.error({ err: error, shopId: payout.shopId }, 'keys cannot be used');
      return { kind: 'unclear', why: "the shop's keys cannot be used", isKnown: false };
    }
  }
}

/**
 * Whether Alipay does not say anything although it was asked for longer than a moment; of a split its trade
 * alone is asked.
 */
function isSilence(answer: QueryAnswer, { state, asked, tradeNo }: Payout): boolean {
  if (answer.kind !== 'unclear' || answer.isKnown) return false;
  return state === 'unknown' && asked >= realGapsMs.length && tradeNo === null;
}
