import { Inject, Injectable } from '@nestjs/common';
import {
  rebindOrder,
  unbindOrder,
  windowEndsAt,
  type AccrualEntry,
  type OrderFact,
  type Rebinding,
  type RefundItem,
} from '@qingfen/core-settlement';
import { advisoryLock } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { invariant, minor } from '@qingfen/money';
import { teamOrderOf } from './accrual.service.js';
import { lockBuckets } from './bucket.js';
import { partyEntriesOf, type Adjustment, type PartyEntry } from './correction.store.js';
import { correctionOf, differenceKey, partiesOf } from './difference-book.js';
import { EntryBook, entriesLock, type AccruedOrder } from './entry-book.js';
import type { LedgerTransaction } from './ledger.store.js';
import { sayUnbound } from './odd-orders.js';
import { orderOfRow } from './order-fact.js';
import { PlanShelf, type StoredVersion } from './plan-shelf.js';
import { orderKey, RateFactService } from './rate-fact.service.js';
import {
  bindAnew,
  claimMisbound,
  rebindingDone,
  shopsToRebind,
  type MisboundOrder,
} from './rebinding.store.js';
import { itemsOf, lockOrders, refundedSoFar, refundsOf, type RefundRow } from './refund.store.js';
import type { SingleEntry } from './single-entry.store.js';
import { keepTeamOrders, type TeamOrder } from './team.store.js';

/** An order, the version that bound it, and the one that its dates ask for. */
interface Misbound {
  readonly order: OrderFact;
  readonly from: StoredVersion;
  readonly to: StoredVersion | undefined;
  readonly refunds: readonly RefundRow[];
}

/** Which version binds an order depends on dates alone, never on what arrived first (domain.md 2.2). */
@Injectable()
export class RebindingService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly book: EntryBook,
    @Inject(RateFactService) private readonly facts: RateFactService,
  ) {}

  /**
   * Binds orders anew for which a version came late, or whose version was withdrawn. What is not stated
   * becomes as if that version had been there; what is stated is corrected, maturing now.
   * @returns how many; fewer than `limit` when none is left.
   */
  async rebind(unit: Unit, limit: number): Promise<number> {
    const shopIds = await shopsToRebind(unit.tx);
    if (shopIds.length === 0) return 0;
    for (const shopId of shopIds) await advisoryLock(unit.tx, entriesLock(shopId), 'shared');
    const rows = await claimMisbound(unit.tx, shopIds, limit);
    if (rows.length > 0) await this.rebindOrders(unit, await this.read(unit, rows));
    if (rows.length < limit) await rebindingDone(unit.tx, shopIds);
    return rows.length;
  }

  private async read(unit: Unit, rows: readonly MisboundOrder[]): Promise<Misbound[]> {
    const keys = rows.map((row) => ({ shopId: row.shop_id, orderId: row.order_id }));
    await lockOrders(unit.tx, keys);
    const versions = await this.plans.versionsOf(unit.tx, [
      ...new Set(rows.map((row) => row.shop_id)),
    ]);
    const refunds = await refundsOf(unit.tx, keys);
    const misbound = rows.map((row): Misbound => {
      const own = versions.get(row.shop_id) ?? [];
      const from = own.find(({ version }) => version === row.plan_version);
      invariant(from !== undefined, 'an order is bound to a version of its shop');
      return {
        order: orderOfRow(row),
        from,
        to: own.find(({ version }) => version === row.fitting),
        refunds: refunds.filter((refund) => {
          return refund.shop_id === row.shop_id && refund.order_id === row.order_id;
        }),
      };
    });
    const priced = misbound.flatMap(({ order, to }) => (to ? [{ order, plan: to.plan }] : []));
    const facts = await this.facts.read(unit, priced);
    return misbound.map((one) => {
      const rateFacts = facts.get(orderKey(one.order));
      return rateFacts === undefined ? one : { ...one, order: { ...one.order, rateFacts } };
    });
  }

  private async rebindOrders(unit: Unit, misbound: readonly Misbound[]): Promise<void> {
    const rebound = misbound.map((one) => ({ one, rebinding: rebindingOf(one) }));
    await lockBuckets(unit.tx, rebound.flatMap(payeesOf), 'shared');
    const entries = await partyEntriesOf(
      unit.tx,
      misbound.map(({ order }) => order),
    );
    const sheet = new RebindingSheet(unit.now, partiesOf(entries));
    for (const { one, rebinding } of rebound) sheet.add(one, rebinding);
    // Before anything new waits for its window: what waited until now waits no longer.
    await bindAnew(
      unit.tx,
      misbound.map(({ order, to }) => ({
        shopId: order.shopId,
        orderId: order.orderId,
        version: to?.version ?? null,
        windowEndsAt: to === undefined ? null : windowEndsAt(order.completedAt, to.plan),
      })),
    );
    await sayUnbound(unit, [
      ...new Set(misbound.flatMap(({ order, to }) => (to === undefined ? [order.shopId] : []))),
    ]);
    await this.book.book(unit, sheet);
    await keepTeamOrders(unit.tx, misbound.flatMap(teamOrdersOf));
    await this.facts.noteRebindings(
      unit,
      misbound.map(({ order, from, to, refunds }) => ({
        order,
        from: from.plan,
        to: to?.plan,
        items: refunds.flatMap(appliedItems),
      })),
    );
  }
}

/** What is booked for orders that are bound anew. */
class RebindingSheet {
  readonly rebindings: { shopId: string; orderId: string; from: number; to: number | null }[] = [];
  readonly accruals: AccruedOrder[] = [];
  readonly entries: SingleEntry[] = [];
  readonly adjustments: Adjustment[] = [];
  readonly transactions: LedgerTransaction[] = [];

  constructor(
    private readonly now: Date,
    private readonly parties: ReadonlyMap<string, PartyEntry>,
  ) {}

  add({ order, from, to }: Misbound, { before, after, differences, legs }: Rebinding): void {
    const { shopId, orderId, currency } = order;
    const causeId = `version:${to?.version ?? 'none'}`;
    this.rebindings.push({ shopId, orderId, from: from.version, to: to?.version ?? null });
    for (const owed of before) {
      const entry = this.parties.get(differenceKey(order, owed));
      if (entry === undefined || entry.is_stated) continue;
      const amountMinor = -owed.amountMinor;
      this.adjustments.push({ entry, amountMinor, cause: 'rebinding', causeId });
    }
    for (const difference of differences) {
      const entry = this.parties.get(differenceKey(order, difference));
      if (entry?.is_stated !== true) continue;
      const planVersion = (to ?? from).version;
      const correlationId = `rebinding:${orderId}:${causeId}`;
      const correcting = { order, planVersion, at: this.now, correlationId, causeId };
      this.entries.push(correctionOf({ ...correcting, cause: 'rebinding' }, difference, entry));
    }
    const begun = after.filter((entry) => !this.isStated(order, entry));
    if (to !== undefined && begun.length > 0) this.accruals.push(accrualOf(order, to, begun));
    this.transactions.push({
      shopId,
      bookedAt: this.now,
      valueAt: null,
      currency,
      cause: 'order-rebound',
      causeId: `${orderId}/${causeId}`,
      legs,
    });
  }

  private isStated(order: OrderFact, entry: AccrualEntry): boolean {
    return this.parties.get(differenceKey(order, entry))?.is_stated === true;
  }
}

function rebindingOf({ order, from, to, refunds }: Misbound): Rebinding {
  const soFar = refundedSoFar(refunds);
  return to === undefined
    ? unbindOrder(order, from.plan, soFar)
    : rebindOrder(order, { from: from.plan, to: to.plan }, soFar);
}

function payeesOf({ one: { order }, rebinding }: { one: Misbound; rebinding: Rebinding }): {
  shopId: string;
  kind: string;
  payeeId: string;
}[] {
  return [...rebinding.before, ...rebinding.after].flatMap(({ kind, payeeId }) =>
    payeeId === null ? [] : [{ shopId: order.shopId, kind, payeeId }],
  );
}

function accrualOf(
  order: OrderFact,
  { plan, version }: StoredVersion,
  entries: readonly AccrualEntry[],
): AccruedOrder {
  const window = windowEndsAt(order.completedAt, plan);
  const supplierAt = entries.find(({ kind }) => kind === 'supplier')?.maturesAt ?? window;
  return {
    order,
    accrual: {
      planVersion: version,
      entries,
      legs: [],
      windowEndsAt: window,
      commissionAt: window,
      supplierAt,
      cappedMinor: minor(0n),
    },
  };
}

/** What the order counts for its team from now on; nothing where only the old version rewarded teams. */
function teamOrdersOf({ order, from, to, refunds }: Misbound): TeamOrder[] {
  const [before] = teamOrderOf({ order, version: from });
  const [after] = to === undefined ? [] : teamOrderOf({ order, version: to });
  if (after === undefined) return before === undefined ? [] : [{ ...before, baseMinor: 0n }];
  const soFar = refundedSoFar(refunds);
  const taken = order.items
    .filter(({ kind }) => kind === 'goods')
    .map(({ itemId }) => soFar.get(itemId))
    .reduce((sum, one) => sum + (one?.amountMinor ?? 0n) + (one?.subsidyMinor ?? 0n), 0n);
  return [{ ...after, baseMinor: after.baseMinor - taken }];
}

function appliedItems({ state, items }: RefundRow): RefundItem[] {
  return state === 'applied' ? itemsOf(items) : [];
}
