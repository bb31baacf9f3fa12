import type { EventData } from '@qingfen/contracts';
import {
  ReferenceShop,
  windowEnd,
  type Hearing,
  type ReferenceOrder,
  type ReferenceVersion,
} from '@qingfen/testing';
import type { HeardTopic } from '../books.fixture.js';
import type { Deck, OrderCard } from './deck.fixture.js';

/** The model: shops as the reference has them, and what may be told of them. */
export class World {
  readonly shops: ReadonlyMap<string, ReferenceShop>;
  private readonly publications = new Set<number>();
  private lastTellingMs = 0;

  constructor(
    readonly deck: Deck,
    readonly shopIds: readonly string[],
    private currentMs: number,
  ) {
    this.shops = new Map(shopIds.map((shopId) => [shopId, new ReferenceShop(shopId)]));
    this.nowMs = currentMs;
  }

  get nowMs(): number {
    return this.currentMs;
  }

  set nowMs(atMs: number) {
    this.currentMs = atMs;
    for (const shop of this.shops.values()) shop.state.nowMs = atMs;
  }

  /** An instant so many hours from now. */
  hours(count: number): string {
    return new Date(this.currentMs + count * 3_600_000).toISOString();
  }

  shop(shopId: string): ReferenceShop {
    const shop = this.shops.get(shopId);
    if (shop === undefined) throw new Error(`${shopId} is no shop of this world`);
    return shop;
  }

  shopAt(number: number): ReferenceShop {
    return this.shop(this.shopIds[number % this.shopIds.length] ?? '');
  }

  orderId(card: number): string {
    return `o-${card % this.deck.orders.length}`;
  }

  cardOf(orderId: string): OrderCard {
    const card = this.deck.orders[Number(orderId.slice(2))];
    if (card === undefined) throw new Error(`${orderId} is not in the deck`);
    return card;
  }

  /** An order of the deck as it is told now. */
  orderOf(shopId: string, place: number): EventData['order-completed'] {
    const orderId = this.orderId(place);
    const { completedHoursAgo, paidHoursBefore, window: _, ...order } = this.cardOf(orderId);
    const paidAt = this.hours(-completedHoursAgo - paidHoursBefore);
    const completedAt = this.hours(-completedHoursAgo);
    const [items, distributors] = [[...order.items], [...order.distributors]];
    return { ...order, shopId, orderId, paidAt, completedAt, items, distributors };
  }

  /** When an order's return window ends; of one that no version binds it has ended. */
  windowEndOf(order: ReferenceOrder): number {
    return order.version === null ? order.completedMs : windowEnd(order, order.version.plan);
  }

  /** A plan of the deck as a version that takes effect so many hours from now; a past one comes late. */
  versionOf(
    shopId: string,
    wanted: { readonly number: number; readonly plan: number; readonly hours: number },
  ): EventData['settlement-plan-published'] {
    const effectiveMs = this.currentMs + wanted.hours * 3_600_000;
    const publishedMs = this.publicationMs(Math.min(effectiveMs, this.currentMs));
    const hash = this.deck.hashOf(wanted.plan);
    return {
      shopId,
      version: wanted.number,
      plan: { ...this.deck.planOf(hash) },
      hash,
      publishedAt: new Date(publishedMs).toISOString(),
      effectiveFrom: new Date(Math.max(effectiveMs, publishedMs)).toISOString(),
    };
  }

  hashOf({ plan }: ReferenceVersion): string {
    return this.deck.hashOf(this.deck.plans.indexOf(plan));
  }

  shopFact(shopId: string, transferMax: string): EventData['shop-upserted'] {
    return {
      shopId,
      name: shopId,
      timezone: 'Asia/Shanghai',
      noticePeriodDays: 0,
      transferMax,
      updatedAt: new Date(this.tellingMs()).toISOString(),
    };
  }

  accountOf(payeeId: string, which: string): NonNullable<EventData['payee-upserted']['alipay']> {
    return { identityType: 'ALIPAY_LOGON_ID', identity: `${payeeId}@${which}.test`, name: payeeId };
  }

  /** When something is told of which the newest word counts: no two words are of one instant. */
  tellingMs(): number {
    this.lastTellingMs = Math.max(this.currentMs, this.lastTellingMs + 1);
    return this.lastTellingMs;
  }

  /** Published instants of a shop are distinct. */
  private publicationMs(wantedMs: number): number {
    let atMs = wantedMs;
    while (this.publications.has(atMs)) atMs += 1;
    this.publications.add(atMs);
    return atMs;
  }

  /** Whether a refund that waited for its order was refused when that came. */
  isRefusedByNow<T extends HeardTopic>(topic: T, fact: EventData[T]): boolean {
    if (topic !== 'order-refunded' || !('refundId' in fact)) return false;
    const { shopId, orderId, refundId } = fact;
    return this.shop(shopId).state.refunds.get(`${orderId} ${refundId}`)?.state === 'refused';
  }

  /** What the reference makes of facts that are heard together, said at an instant. */
  hear<T extends HeardTopic>(
    topic: T,
    facts: readonly EventData[T][],
    saidMs: number,
  ): readonly Hearing[] {
    return this.hearings(saidMs)[topic](facts);
  }

  private hearings(saidMs: number): {
    readonly [T in HeardTopic]: (facts: readonly EventData[T][]) => readonly Hearing[];
  } {
    const each =
      <F extends { readonly shopId: string }>(hear: (shop: ReferenceShop, fact: F) => Hearing) =>
      (facts: readonly F[]): readonly Hearing[] =>
        facts.map((fact) => hear(this.shop(fact.shopId), fact));
    return {
      'order-completed': (facts) => this.complete(facts),
      'order-refunded': each((shop, fact) => shop.refund(fact)),
      'order-refund-reversed': each((shop, fact) => shop.reverseRefund(fact)),
      'order-disputed': each((shop, fact) => shop.dispute(fact)),
      'order-dispute-resolved': each((shop, fact) => shop.resolveDispute(fact)),
      'settlement-plan-published': each((shop, fact) => {
        const { withdrawnAt, hash, plan: _, ...dates } = fact;
        const plan = this.deck.planOf(hash);
        shop.hearVersion({ ...dates, plan, isWithdrawn: withdrawnAt !== undefined });
        return 'counts';
      }),
      'shop-upserted': each((shop, { transferMax }) => {
        shop.state.transferMax = transferMax;
        return 'counts';
      }),
      'payee-upserted': each((shop, fact) => {
        shop.hearPayee(fact, saidMs);
        return 'counts';
      }),
      'return-window-closed': each((shop, fact) => {
        shop.hearWindowClosed(fact);
        return 'counts';
      }),
      'payout-result': each((shop, fact) => shop.hearResult(fact)),
    };
  }

  /** Shops have nothing to do with each other, so each hears its own of a batch. */
  private complete(facts: readonly EventData['order-completed'][]): readonly Hearing[] {
    const hearings = new Map<EventData['order-completed'], Hearing>();
    for (const [shopId, shop] of this.shops) {
      const own = facts.filter((fact) => fact.shopId === shopId);
      for (const [index, hearing] of shop.complete(own).entries()) {
        const fact = own[index];
        if (fact !== undefined) hearings.set(fact, hearing);
      }
    }
    return facts.map((fact) => hearings.get(fact) ?? 'refused');
  }
}
