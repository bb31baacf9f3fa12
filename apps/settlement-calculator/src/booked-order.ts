import {
  misfitOf,
  type BoundVersion,
  type OrderFact,
  type OrderHistory,
  type OrderStep,
} from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { minor } from '@qingfen/money';
import {
  entryAdjustments,
  keptOrders,
  keptRebindings,
  keptRefunds,
  orderEntries,
  refundBookings,
  teamOrders,
  type EntryAdjustment,
  type KeptOrder,
  type KeptRebinding,
  type KeptRefund,
  type KeptTeamOrder,
  type OrderEntry,
  type OrderIds,
  type RefundBooking,
} from './booked-order.store.js';
import { orderOfRow } from './order-fact.js';
import type { PlanShelf, StoredVersion } from './plan-shelf.js';
import { itemsOf } from './refund.store.js';

/** An order with its facts, and with all that the books have of it. */
export interface BookedOrder {
  readonly order: OrderFact;
  readonly kept: KeptOrder;
  readonly versions: readonly StoredVersion[];
  /** Null while no version has ever bound it, and where its facts do not fit each other. */
  readonly history: OrderHistory | null;
  /** What of its facts does not fit, in words. */
  readonly misfit: string | null;
  readonly refunds: readonly KeptRefund[];
  readonly rebindings: readonly KeptRebinding[];
  readonly entries: readonly OrderEntry[];
  readonly adjustments: ReadonlyMap<bigint, readonly EntryAdjustment[]>;
  readonly team: KeptTeamOrder | null;
}

/** Orders by their ids, in their order; those that are not there are left out. */
export async function bookedOrders(
  tx: Tx,
  plans: PlanShelf,
  ids: OrderIds,
): Promise<readonly BookedOrder[]> {
  const orders = await keptOrders(tx, ids);
  const versions = (await plans.versionsOf(tx, [ids.shopId])).get(ids.shopId) ?? [];
  const refunds = byOrder(await keptRefunds(tx, ids));
  const bookings = byOrder(await refundBookings(tx, ids));
  const rebindings = byOrder(await keptRebindings(tx, ids));
  const allEntries = await orderEntries(tx, ids);
  const entries = byOrder(allEntries);
  const entryIds = allEntries.map((entry) => entry.entry_id);
  const adjustments = new Map<bigint, EntryAdjustment[]>();
  for (const row of await entryAdjustments(tx, ids.shopId, entryIds)) {
    adjustments.set(row.entry_id, [...(adjustments.get(row.entry_id) ?? []), row]);
  }
  const teams = new Map((await teamOrders(tx, ids)).map((row) => [row.order_id, row]));
  return orders.map((kept) => {
    const own = <T>(rows: ReadonlyMap<string, readonly T[]>): readonly T[] =>
      rows.get(kept.order_id) ?? [];
    const facts = {
      kept,
      versions,
      refunds: own(refunds),
      rebindings: own(rebindings),
      entries: own(entries),
    };
    return {
      ...facts,
      order: orderOfRow(kept),
      ...historyOf({ ...facts, bookings: own(bookings) }),
      adjustments,
      team: teams.get(kept.order_id) ?? null,
    };
  });
}

type Facts = Pick<BookedOrder, 'kept' | 'versions' | 'refunds' | 'rebindings' | 'entries'> & {
  readonly bookings: readonly RefundBooking[];
};

/** What the order's facts say of its bindings and refunds, where they fit each other. */
function historyOf(facts: Facts): Pick<BookedOrder, 'history' | 'misfit'> {
  const { kept, versions, rebindings } = facts;
  const bound = [
    kept.plan_version,
    ...rebindings.flatMap((row) => [row.from_version, row.to_version]),
  ];
  const known = new Set(versions.map(({ version }) => version));
  const unknown = bound.find((version) => version !== null && !known.has(version));
  if (unknown !== undefined) return { history: null, misfit: `bound to version ${unknown}` };
  const history = orderedHistory(facts);
  const misfit = history === null ? null : misfitOf(history);
  return misfit === null ? { history, misfit } : { history: null, misfit };
}

/** In the order of booking. */
function orderedHistory(facts: Facts): OrderHistory | null {
  const { kept, versions, rebindings, entries } = facts;
  const firstVersion = rebindings[0]?.from_version ?? kept.plan_version;
  if (firstVersion === null) return null;
  const until = rebindings[0]?.batch_id ?? null;
  const accrued = entries.filter((entry) => entry.is_accrued).map((entry) => entry.batch_id);
  const firsts = accrued.filter((batchId) => until === null || batchId < until);
  return {
    order: orderOfRow(kept),
    first: boundBy(versions, firstVersion),
    batchId: least(firsts) ?? 0n,
    steps: [...bindingSteps(facts, accrued), ...refundSteps(facts)].sort((a, b) =>
      a.batchId < b.batchId ? -1 : a.batchId > b.batchId ? 1 : 0,
    ),
  };
}

function bindingSteps(
  { kept, versions, rebindings }: Pick<BookedOrder, 'kept' | 'versions' | 'rebindings'>,
  accrued: readonly bigint[],
): OrderStep[] {
  return rebindings.flatMap((row, index): OrderStep[] => {
    const { to_version: to, batch_id: batchId, rebound_at: at } = row;
    const causeId = `version:${to ?? 'none'}`;
    if (to !== null) {
      return [{ cause: 'rebinding', causeId, at, batchId, to: boundBy(versions, to) }];
    }
    const unbound: OrderStep = { cause: 'rebinding', causeId, at, batchId, to: null };
    const next = rebindings[index + 1]?.from_version ?? kept.plan_version;
    if (next === null) return [unbound];
    const again = least(accrued.filter((one) => one > batchId)) ?? batchId;
    const bound = boundBy(versions, next);
    return [
      unbound,
      { cause: 'binding', causeId: `version:${next}`, at, batchId: again, to: bound },
    ];
  });
}

function refundSteps({
  refunds,
  bookings,
}: {
  readonly refunds: readonly KeptRefund[];
  readonly bookings: readonly RefundBooking[];
}): OrderStep[] {
  const told = new Map(refunds.map((refund) => [refund.refund_id, refund]));
  return bookings.flatMap(({ refund_id: causeId, cause, batch_id: batchId }): OrderStep[] => {
    const refund = told.get(causeId);
    if (refund === undefined) return [];
    const taken = itemsOf(refund.items);
    if (cause === 'refund') {
      return [{ cause, causeId, batchId, at: refund.refunded_at, items: taken }];
    }
    const items = taken.map(({ itemId, amountMinor, subsidyMinor }) => ({
      itemId,
      amountMinor: minor(-amountMinor),
      subsidyMinor: minor(-subsidyMinor),
    }));
    return [{ cause, causeId, batchId, at: refund.reversed_at ?? refund.refunded_at, items }];
  });
}

function boundBy(versions: readonly StoredVersion[], version: number): BoundVersion {
  const found = versions.find((one) => one.version === version);
  if (found === undefined) throw new Error(`version ${version} of a bound order is not there`);
  return { plan: found.plan, version };
}

function least(numbers: readonly bigint[]): bigint | undefined {
  return numbers.reduce<bigint | undefined>(
    (min, one) => (min === undefined || one < min ? one : min),
    undefined,
  );
}

function byOrder<T extends { readonly order_id: string }>(
  rows: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.order_id);
    if (group === undefined) groups.set(row.order_id, [row]);
    else group.push(row);
  }
  return groups;
}
