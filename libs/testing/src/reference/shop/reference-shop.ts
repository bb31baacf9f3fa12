import { fenOf } from '../../fen.js';
import { referenceKinds, type ReferenceVersion } from '../plan-in-force.js';
import type { ReferenceRun } from '../schedule.js';
import { bindAnew, bindTogether, fittingVersion } from './binding.js';
import { hearWindowClosed } from './evidence.js';
import { hearDispute, hearResolution } from './holds.js';
import { hearPayee } from './payees.js';
import { hearResult } from './payouts.js';
import { balancesOf, pictureOf, type ReferenceBalance, type ShopPicture } from './picture.js';
import { hearRefund, hearReversal, judgeWaiting } from './refunds.js';
import { executeRun, runsToCome } from './runs.js';
import {
  newShopState,
  type ReferenceOrder,
  type ReferenceStatement,
  type ShopState,
} from './state.js';
import type {
  CompletedOrder,
  Dispute,
  DisputeResolution,
  Hearing,
  PayoutResult,
  Refund,
  RefundReversal,
  UpsertedPayee,
} from './told.js';

/**
 * One shop as domain.md has it, in memory: what is told of it, when, and what runs then state. It
 * imports nothing of the product, and keeps what it is told in plain maps and sets: `state` is for
 * whoever wants to look, or to act by hand as in acts.ts.
 *
 * Time stands until `state.nowMs` is set. Runs take place when they are asked for.
 */
export class ReferenceShop {
  readonly state: ShopState;

  constructor(shopId: string) {
    this.state = newShopState(shopId);
  }

  /** A version, or its withdrawal; orders that came before it are bound anew by {@link bindAnew}. */
  hearVersion(version: ReferenceVersion): void {
    const { versions, notedUntilMs } = this.state;
    const index = versions.findIndex((known) => known.version === version.version);
    if (index === -1) versions.push(version);
    else versions[index] = version;
    const firstMs = Math.min(...versions.map(({ effectiveFrom }) => Date.parse(effectiveFrom)));
    for (const kind of referenceKinds) {
      if (!notedUntilMs.has(kind)) notedUntilMs.set(kind, firstMs - 1);
    }
  }

  /** @returns how many orders are bound to another version than before */
  bindAnew(): number {
    return bindAnew(this.state);
  }

  /** Completions that are heard together; refunds that waited for them are judged behind them. */
  complete(batch: readonly CompletedOrder[]): readonly Hearing[] {
    const fresh: ReferenceOrder[] = [];
    const hearings = batch.map((data): Hearing => {
      const known = this.state.orders.get(data.orderId);
      if (known !== undefined)
        return orderText(known.data) === orderText(data) ? 'known' : 'refused';
      const order = newOrder(this.state, data);
      this.state.orders.set(data.orderId, order);
      fresh.push(order);
      return 'counts';
    });
    bindTogether(
      this.state,
      fresh.map((order) => ({ order, to: fittingVersion(this.state, order) })),
    );
    for (const order of fresh) judgeWaiting(this.state, order);
    return hearings;
  }

  refund(data: Refund): Hearing {
    return hearRefund(this.state, data);
  }

  reverseRefund(data: RefundReversal): Hearing {
    return hearReversal(this.state, data);
  }

  dispute(data: Dispute): Hearing {
    return hearDispute(this.state, data);
  }

  resolveDispute(data: DisputeResolution): Hearing {
    return hearResolution(this.state, data);
  }

  hearPayee(data: UpsertedPayee, toldMs: number): void {
    hearPayee(this.state, data, toldMs);
  }

  hearWindowClosed(told: Parameters<typeof hearWindowClosed>[1]): void {
    hearWindowClosed(this.state, told);
  }

  hearResult(data: PayoutResult): Hearing {
    return hearResult(this.state, data);
  }

  runsToCome(untilMs: number): readonly ReferenceRun[] {
    return runsToCome(this.state, untilMs);
  }

  /** @returns what the run states */
  execute(run: ReferenceRun): readonly ReferenceStatement[] {
    return executeRun(this.state, run);
  }

  picture(): ShopPicture {
    return pictureOf(this.state);
  }

  balances(): ReadonlyMap<string, ReferenceBalance> {
    return balancesOf(this.state);
  }
}

function newOrder({ zone }: ShopState, data: CompletedOrder): ReferenceOrder {
  const completedMs = Date.parse(data.completedAt);
  return {
    data,
    paidMs: Date.parse(data.paidAt),
    completedMs,
    completedMonth: zone.monthOf(completedMs),
    lines: data.items.map((item) => {
      const [amountFen, subsidyFen] = [fenOf(item.amount), fenOf(item.subsidy ?? '0')];
      const paidFen = amountFen + subsidyFen;
      return { item, paidFen, amountFen, subsidyFen, parties: new Map() };
    }),
    version: null,
    isBoundByHand: false,
    isSettledOutside: false,
    facts: new Map(),
    countedFen: null,
  };
}

/** What a completion says, whatever the form of its instants and amounts. */
function orderText(data: CompletedOrder): string {
  const { currency, alipayTradeNo, buyerPayeeId, teamId, distributors } = data;
  const items = data.items.map(({ itemId, supplierId, amount, subsidy = '0', kind = 'goods' }) => {
    return [itemId, supplierId, fenOf(amount).toString(), fenOf(subsidy).toString(), kind];
  });
  return JSON.stringify([
    currency,
    Date.parse(data.paidAt),
    Date.parse(data.completedAt),
    alipayTradeNo,
    buyerPayeeId,
    teamId,
    distributors,
    items,
  ]);
}
