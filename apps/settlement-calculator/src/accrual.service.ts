import { Inject, Injectable } from '@nestjs/common';
import { versionInForce } from '@qingfen/core-plan';
import { accrueOrder, countsForTeam, windowEndsAt, type OrderFact } from '@qingfen/core-settlement';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import {
  bindOrders,
  claimUnbound,
  documentsOf,
  keepOrders,
  type KeptOrder,
} from './accrual.store.js';
import { CorrectionService } from './correction.service.js';
import { lockCompletions } from './refund.store.js';
import { EntryBook, lockForEntries, type AccruedOrder } from './entry-book.js';
import type { LedgerTransaction } from './ledger.store.js';
import { endNoPlan, sayCapped, sayWhatIsOdd } from './odd-orders.js';
import { documentOf, orderFactOf, orderOfRow } from './order-fact.js';
import { PlanShelf, type StoredVersion } from './plan-shelf.js';
import { orderKey, RateFactService } from './rate-fact.service.js';
import { keepTeamOrders, type TeamOrder } from './team.store.js';

type Completion = IncomingEvent<'order-completed'>;

interface Told {
  readonly event: Completion;
  readonly order: OrderFact;
  readonly document: string;
}

/** An order and the version that prices it. */
export interface BoundOrder {
  readonly order: OrderFact;
  readonly version: StoredVersion;
}

/** Books what completed orders owe. Holds no arithmetic: read, decide, write, say. */
@Injectable()
export class AccrualService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(CorrectionService) private readonly corrections: CorrectionService,
    @Inject(EntryBook) private readonly book: EntryBook,
    @Inject(RateFactService) private readonly facts: RateFactService,
  ) {}

  /** Safe to call twice with one order: the same fact is kept once, another one is refused. */
  async complete(unit: Unit, events: readonly Completion[]): Promise<void> {
    const { first: told, later } = firstOfEach(events);
    await lockForEntries(
      unit.tx,
      told.map(({ order }) => order.shopId),
    );
    const shopIds = [...new Set(told.map(({ order }) => order.shopId))];
    await lockCompletions(unit.tx, shopIds, 'shared');
    const versions = await this.plans.versionsOf(unit.tx, shopIds);
    const bindings = told.map((one) => ({
      ...one,
      version: bindingOf(one.order, versions.get(one.order.shopId)),
    }));
    const isKept = await keepOrders(unit.tx, bindings.map(asKept), unit.now);
    const fresh = bindings.filter(({ order }) => isKept(keyOf(order)));
    const known = bindings.filter(({ order }) => !isKept(keyOf(order)));
    if (known.length + later.length > 0) await judgeRepeats(unit, [...known, ...later]);
    await this.bookOrders(
      unit,
      fresh.flatMap(({ order, version }) => (version === undefined ? [] : [{ order, version }])),
    );
    await this.corrections.applyWaiting(
      unit,
      fresh.map(({ order }) => order),
    );
    await sayWhatIsOdd(
      unit,
      fresh.map(({ order, version }) => ({ order, isBound: version !== undefined })),
    );
  }

  /**
   * Books orders that came before their shop or their plan did, now that a version fits by its dates.
   * @returns how many; fewer than `limit` when none is left.
   */
  async bindWaiting(unit: Unit, limit: number): Promise<number> {
    const rows = await claimUnbound(unit.tx, limit);
    const orders = rows.map(orderOfRow);
    const shopIds = orders.map(({ shopId }) => shopId);
    await lockForEntries(unit.tx, shopIds);
    const versions = await this.plans.versionsOf(unit.tx, [...new Set(shopIds)]);
    const bound: BoundOrder[] = [];
    for (const order of orders) {
      const version = bindingOf(order, versions.get(order.shopId));
      if (version !== undefined) bound.push({ order, version });
    }
    await bindOrders(
      unit.tx,
      bound.map(({ order, version }) => ({
        order,
        planVersion: version.version,
        windowEndsAt: windowEndsAt(order.completedAt, version.plan),
      })),
    );
    await this.bookOrders(unit, bound);
    await this.corrections.bookEarlier(
      unit,
      bound.map(({ order }) => order),
    );
    await endNoPlan(unit, [...new Set(bound.map(({ order }) => order.shopId))]);
    return bound.length;
  }

  /** Books what bound orders owe: entries, ledger, and what counts for their teams. */
  async bookOrders(unit: Unit, bound: readonly BoundOrder[]): Promise<void> {
    const priced = bound.map(({ order, version }) => ({ order, plan: version.plan }));
    const facts = await this.facts.read(unit, priced);
    const orders = facts.size === 0 ? bound : bound.map((one) => withFacts(one, facts));
    const accruals: AccruedOrder[] = [];
    const transactions: LedgerTransaction[] = [];
    const teamOrders = orders.flatMap(teamOrderOf);
    if (teamOrders.length > 0) await keepTeamOrders(unit.tx, teamOrders);
    for (const { order, version } of orders) {
      const accrual = accrueOrder(order, version.plan, version.version);
      accruals.push({ order, accrual });
      transactions.push({
        shopId: order.shopId,
        bookedAt: unit.now,
        valueAt: null,
        currency: order.currency,
        cause: 'order-completed',
        causeId: order.orderId,
        legs: accrual.legs,
      });
    }
    await this.book.book(unit, { accruals, transactions });
    await sayCapped(
      unit,
      accruals.map(({ order, accrual }) => ({ order, ...accrual })),
    );
    await this.facts.noteOrders(unit, priced);
  }
}

/** One batch may bring an order twice; what stands is judged when it is known whether one did. */
function firstOfEach(events: readonly Completion[]): { first: Told[]; later: Told[] } {
  const first = new Map<string, Told>();
  const later: Told[] = [];
  for (const event of events) {
    const order = orderFactOf(event.data);
    const told = { event, order, document: documentOf(order) };
    if (first.has(keyOf(order))) later.push(told);
    else first.set(keyOf(order), told);
  }
  return { first: [...first.values()], later };
}

async function judgeRepeats(unit: Unit, repeats: readonly Told[]): Promise<void> {
  const stored = await documentsOf(
    unit.tx,
    repeats.map(({ order }) => order),
  );
  for (const { event, order, document } of repeats) {
    if (stored.get(keyOf(order)) !== `${order.currency}${document}`) refuse(unit, event);
  }
}

function refuse(unit: Unit, event: Completion): void {
  const { shopId, orderId } = event.data;
  unit.refuse(
    event,
    'contradicts',
    `data.orderId: order "${orderId}" is known with other data; the first completion stands`,
  );
  unit.alert({
    class: 'order-contradicted',
    severity: 'warning',
    ends: 'when-acknowledged',
    shopId,
    subject: { type: 'order', id: orderId },
    message: `Order ${orderId} was completed twice with different data; the first stands.`,
    messageZh: `订单 ${orderId} 两次完成的数据不一致,以第一次为准。`,
  });
}

/** By dates alone; a plan in another currency binds nothing (domain.md 10). */
function bindingOf(
  order: OrderFact,
  versions: readonly StoredVersion[] | undefined,
): StoredVersion | undefined {
  const version = versionInForce(versions ?? [], order.paidAt);
  return version?.plan.currency === order.currency ? version : undefined;
}

function asKept(told: Told & { readonly version: StoredVersion | undefined }): KeptOrder {
  const { order, document, version, event } = told;
  return {
    order,
    document,
    planVersion: version?.version ?? null,
    windowEndsAt: version === undefined ? null : windowEndsAt(order.completedAt, version.plan),
    correlationId: event.correlationId,
  };
}

function withFacts(
  { order, version }: BoundOrder,
  facts: ReadonlyMap<string, ReadonlyMap<string, bigint>>,
): BoundOrder {
  const rateFacts = facts.get(orderKey(order));
  return rateFacts === undefined ? { order, version } : { order: { ...order, rateFacts }, version };
}

/** What of an order counts for its team: goods alone, where the order's version rewards teams. */
export function teamOrderOf({ order, version }: BoundOrder): TeamOrder[] {
  if (order.teamId === undefined || !countsForTeam(order, version.plan)) return [];
  return [
    {
      shopId: order.shopId,
      teamId: order.teamId,
      orderId: order.orderId,
      currency: order.currency,
      baseMinor: order.items
        .filter(({ kind }) => kind === 'goods')
        .reduce((sum, { amountMinor, subsidyMinor }) => sum + amountMinor + subsidyMinor, 0n),
      completedAt: order.completedAt,
      windowEndsAt: windowEndsAt(order.completedAt, version.plan),
    },
  ];
}

function keyOf({ shopId, orderId }: { shopId: string; orderId: string }): string {
  return `${shopId} ${orderId}`;
}
