import type { Clock } from '@qingfen/clock';
import { openTradesAnswerSchema } from '@qingfen/contracts';
import { isInfrastructureError, type Database } from '@qingfen/database';
import { ServiceUnavailable, type ServiceClient } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { isStopped, readStops } from './emergency-stop.store.js';
import { makeFinish } from './alipay-splits.js';
import { turnComes, type CallRates } from './call-rate.js';
import type { Merchant } from './merchant.js';
import type { Merchants } from './merchants.js';
import { enterSendGate } from './send-gate.js';
import {
  claimTrades,
  endFinish,
  storeFinish,
  tradeKey,
  type TradeToFinish,
} from './trade-finish.store.js';

const atOnceMax = 50;
/** Whoever waits longer for a call is looked at in another round. */
const turnMs = 1_000;

/** What a finisher needs. */
export interface FinisherParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly merchants: Merchants;
  readonly client: Pick<ServiceClient, 'request'>;
  readonly rates: CallRates;
  readonly logger: Logger;
}

/**
 * Finishes trades that were split, when nothing of their orders is open any more: what is still frozen of
 * one is released to the shop. Nothing of it reaches a payee.
 */
export class TradeFinisher {
  constructor(private readonly parts: FinisherParts) {}

  /** Looks at trades that are due. Answers whether there were as many as it takes at once. */
  async round(): Promise<boolean> {
    const { database, clock } = this.parts;
    const due = await claimTrades(database, { dueBy: clock.begunUntil(), limit: atOnceMax });
    if (due.length === 0) return false;
    const open = await this.openOf(due.filter(({ state }) => state === 'open'));
    if (open === null) return false;
    for (const trade of due) if (!open.has(tradeKey(trade))) await this.finish(trade);
    return due.length === atOnceMax;
  }

  /** Those for which something is open; null where the ledger's owner does not say. */
  private async openOf(trades: readonly TradeToFinish[]): Promise<ReadonlySet<string> | null> {
    if (trades.length === 0) return new Set();
    try {
      const answer = await this.parts.client.request<unknown>({
        service: 'settlement-calculator',
        method: 'POST',
        path: '/internal/trades/open',
        body: { items: trades.map(({ shopId, tradeNo }) => ({ shopId, tradeNo })) },
      });
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const { items } = openTradesAnswerSchema.parse(answer.body);
      return new Set(items.filter(({ isOpen }) => isOpen).map(tradeKey));
    } catch (error) {
      const level = error instanceof ServiceUnavailable ? 'info' : 'warn';
      this.parts.logger[level]({ err: error }, 'trades are looked at later');
      return null;
    }
  }

  private async finish(trade: TradeToFinish): Promise<void> {
    const merchant = await this.merchantOf(trade);
    if (merchant === null) return;
    const { database, logger } = this.parts;
    if (trade.state === 'open') {
      if (!(await this.turnComes('query', trade))) return;
      const frozenMinor = await merchant.frozenMinor(trade.tradeNo);
      if (frozenMinor === null) return;
      if (frozenMinor === 0n) {
        await endFinish(database, trade, { state: 'ended', reason: 'nothing of it is frozen' });
        return;
      }
    }
    const text = trade.request ?? makeFinish(trade);
    if (!(await this.turnComes('transfer', trade))) return;
    const answer = await database.transaction(async (gate) => {
      const pass = await enterSendGate(gate);
      if (isStopped(await readStops(gate), trade.shopId)) return null;
      // Committed before Alipay is called: the gate's transaction writes nothing.
      if (trade.state === 'open') {
        const isOurs = await database.transaction((tx) => storeFinish(tx, trade, text));
        if (!isOurs) return null;
      }
      pass.check();
      return { outcome: merchant.finishTrade(text) };
    });
    const outcome = await answer?.outcome;
    if (outcome === undefined) return;
    const { shopId, tradeNo } = trade;
    logger.info({ shopId, tradeNo, outcome: outcome.kind }, 'a trade was to be finished');
    if (outcome.kind === 'done')
      await endFinish(database, trade, { state: 'finished', reason: null });
    if (outcome.kind === 'refused') {
      await endFinish(database, trade, { state: 'ended', reason: outcome.why });
    }
  }

  /** One call of the application's, among those of all senders and askers; else the trade waits. */
  private turnComes(api: 'query' | 'transfer', { appId }: TradeToFinish): Promise<boolean> {
    const { database, rates } = this.parts;
    return turnComes(database, { api, rates, appId, horizonMs: turnMs });
  }

  /** The merchant whose trade it is; null while it can't be used. */
  private async merchantOf({ shopId, appId }: TradeToFinish): Promise<Merchant | null> {
    try {
      const merchant = await this.parts.merchants.of(shopId);
      return merchant?.appId === appId ? merchant : null;
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.parts.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      return null;
    }
  }
}
