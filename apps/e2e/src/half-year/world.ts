import {
  dayMs,
  dayOf,
  type ExpectedPart,
  fenOf,
  type Hearing,
  type ReferenceKind,
  ReferenceShop,
  type ReferenceStatement,
  type ReferenceVersion,
  tellWindows,
  yuanOf,
  zoneNamed,
} from '@qingfen/testing';

import type { BuyerAct } from './buyers.js';
import type { FileMessage } from './message.js';
import type { StoryShop, Telling } from './story.js';

const billedAfterMs = dayMs + 9 * 3_600_000;

/** A statement that must exist, and what it must have moved. */
export interface ExpectedStatement {
  readonly statementId: string;
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  readonly identity: string;
  readonly period: string;
  readonly netFen: bigint;
  /** `order/line/level amount` of each entry, sorted. */
  readonly entries: readonly string[];
  readonly parts: readonly ExpectedPart[];
  /** The instant at which its run takes place: later than it is due only where it is caught up. */
  readonly executedMs: number;
}

/**
 * The shops as domain.md has them, calculated from what was told and when: messages are heard at the
 * standing clock, then time passes and runs take place. Every payout succeeds and every window's close
 * is told in time. Nothing of the product is used.
 */
export class ReferenceWorld {
  readonly statements: ExpectedStatement[] = [];
  /** What buyers have done at Alipay. */
  readonly buyerActs: BuyerAct[] = [];
  /** Of time lived through. */
  readonly firstDay: string;
  #nowMs: number;
  readonly #shops: ReadonlyMap<string, ReferenceShop>;
  readonly #seen = new Set<string>();

  constructor(shops: readonly StoryShop[], startMs: number) {
    this.#shops = new Map(shops.map((told) => [told.shopId, shopOf(told, startMs)]));
    this.firstDay = dayOf(startMs);
    this.#nowMs = startMs;
  }

  /** The last day whose bill is there: from 09:00 of the next. */
  get lastBilledDay(): string {
    return dayOf(this.#nowMs - billedAfterMs);
  }

  /** What bills have of a shop's buyers in the end: paid, less what they got back. */
  billedFen(shopId: string): bigint {
    return this.buyerActs
      .filter((act) => act.shopId === shopId && dayOf(Date.parse(act.at)) <= this.lastBilledDay)
      .reduce(
        (sum, { what, amount }) => sum + (what === 'pay' ? fenOf(amount) : -fenOf(amount)),
        0n,
      );
  }

  get shopIds(): readonly string[] {
    return [...this.#shops.keys()];
  }

  /** What is told together at the standing clock; the same event again is nothing new. */
  hear(telling: Telling): void {
    const fresh = telling.filter(({ value: { source, id } }) => {
      const isFirst = !this.#seen.has(`${source}#${id}`);
      this.#seen.add(`${source}#${id}`);
      return isFirst;
    });
    for (const [shopId, shop] of this.#shops) {
      tell(
        shop,
        fresh.filter((message) => message.value.data.shopId === shopId),
      );
    }
  }

  /** A version, or its withdrawal. @returns how many orders it binds anew */
  hearVersion(version: ReferenceVersion): number {
    const shop = this.shop(version.shopId);
    shop.hearVersion(version);
    const bound = shop.bindAnew();
    tellWindows(shop.state);
    return bound;
  }

  /** Time passes to an instant. While everybody is away, runs are caught up at its end. */
  live(untilMs: number, options: { readonly away: boolean } = { away: false }): void {
    for (const shop of this.#shops.values()) {
      for (const run of shop.runsToCome(untilMs)) {
        const executedMs = options.away ? untilMs : run.dueMs;
        shop.state.nowMs = executedMs;
        for (const statement of shop.execute(run)) {
          this.statements.push(paid(shop, statement, executedMs));
        }
      }
      shop.state.nowMs = untilMs;
    }
    this.#nowMs = untilMs;
  }

  shop(shopId: string): ReferenceShop {
    const shop = this.#shops.get(shopId);
    if (shop === undefined) throw new Error(`nobody told of ${shopId}`);
    return shop;
  }

  /** How many orders each version of a shop binds, oldest first. */
  ordersByVersion(shopId: string): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const { version } of this.shop(shopId).state.orders.values()) {
      if (version === null) continue;
      counts.set(version.version, (counts.get(version.version) ?? 0) + 1);
    }
    return new Map([...counts].sort(([one], [other]) => one - other));
  }

  /** Orders that refunds wait for. */
  missingOrders(shopId: string): ReadonlySet<string> {
    const refunds = [...this.shop(shopId).state.refunds.values()];
    return new Set(
      refunds.filter(({ state }) => state === 'waiting').map(({ data }) => data.orderId),
    );
  }
}

function shopOf({ shopId, timezone, transferMax }: StoryShop, startMs: number): ReferenceShop {
  const shop = new ReferenceShop(shopId);
  shop.state.nowMs = startMs;
  shop.state.transferMax = transferMax;
  shop.state.zone = zoneNamed(timezone);
  return shop;
}

function tell(shop: ReferenceShop, messages: readonly FileMessage[]): void {
  const orders = messages.flatMap(({ topic, value }) =>
    topic === 'order-completed' ? [value.data] : [],
  );
  for (const hearing of shop.complete(orders)) mustCount(hearing);
  tellWindows(shop.state);
  for (const { topic, value } of messages) {
    if (topic === 'order-refunded') mustCount(shop.refund(value.data));
    if (topic === 'payee-upserted') shop.hearPayee(value.data, Date.parse(value.time));
  }
}

/** The files hold no contradictions; what would become of one is not this proof's business. */
function mustCount(hearing: Hearing): void {
  if (hearing !== 'counts') throw new Error(`something told for the first time is ${hearing}`);
}

/** Every payout of a statement arrives at once. */
function paid(
  shop: ReferenceShop,
  statement: ReferenceStatement,
  executedMs: number,
): ExpectedStatement {
  const { shopId } = shop.state;
  const { statementId, kind, payeeId, period, netFen, entries, payouts } = statement;
  const at = new Date(executedMs).toISOString();
  for (const { payoutId, fen } of payouts) {
    const amount = yuanOf(fen);
    const ids = { shopId, payoutId, statementId, payeeId, kind };
    shop.hearResult({ ...ids, status: 'succeeded', seq: 1, amount, currency: 'CNY', at });
  }
  const identity = shop.state.payees.get(payeeId)?.data.alipay?.identity;
  if (identity === undefined) throw new Error(`${payeeId} has no account`);
  const texts = entries.map(({ orderId, itemId, level, fen }) =>
    statedText({ orderId, itemId, level, amount: yuanOf(fen) }),
  );
  const name = { statementId, shopId, kind, payeeId, identity, period };
  return { ...name, netFen, entries: texts.sort(), parts: payouts, executedMs };
}

/** One entry of a statement in a line that can be compared. */
export function statedText(entry: {
  readonly orderId?: string | null | undefined;
  readonly itemId: string | null;
  readonly level: number | null;
  readonly amount: string;
}): string {
  const { orderId, itemId, level, amount } = entry;
  return `${orderId ?? ''}/${itemId ?? ''}/${level ?? 0} ${amount}`;
}
