import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import {
  accountOf,
  lineAmounts,
  type AccrualEntry,
  type LineAmount,
  type OrderFact,
} from './accrue-order.js';
import { chainOf } from './chain.js';
import type { LedgerLeg } from './ledger.js';
import { maturesAt } from './maturity.js';
import { refundOrder, type LineDifference, type RefundedSoFar } from './refund-order.js';
import { splitLine } from './split-line.js';

/** What another version owes for an order, beside what was owed for it under the old one. */
export interface Rebinding {
  /** Under the old version, as things stand: what is not stated of it falls away. */
  readonly before: readonly LineDifference[];
  /** Under the new one: entries of parties that are on no statement yet. */
  readonly after: readonly AccrualEntry[];
  /** new − old of every party: what those on a statement are corrected by. */
  readonly differences: readonly LineDifference[];
  readonly legs: readonly LedgerLeg[];
}

/**
 * Binds an order anew (domain.md 2.2): splits what is left of each line under both versions. Amounts of
 * zero are left out; the buyer's money stays where it is, so the legs move between parties alone.
 *
 * @throws InvariantError when versions are in other currencies, or legs do not add up: bugs
 */
export function rebindOrder(
  order: OrderFact,
  versions: { readonly from: Plan; readonly to: Plan },
  soFar: RefundedSoFar,
): Rebinding {
  const { from, to } = versions;
  invariant(
    from.currency === order.currency && to.currency === order.currency,
    'an order is settled in the currency of its plan',
  );
  const before: LineDifference[] = [];
  const after: AccrualEntry[] = [];
  const differences: LineDifference[] = [];
  const legs: LedgerLeg[] = [];
  for (const [itemIndex, { itemId }] of order.items.entries()) {
    const [old, now] = [
      partiesOf(order, itemIndex, from, soFar),
      partiesOf(order, itemIndex, to, soFar),
    ];
    for (const owed of old.values()) if (owed.amountMinor !== 0n) before.push({ ...owed, itemId });
    for (const owed of now.values()) {
      const isOwnGoods = owed.kind === 'supplier' && owed.payeeId === null;
      if (owed.amountMinor !== 0n && !isOwnGoods) after.push(entryOf(order, itemIndex, owed, to));
    }
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      const party = now.get(key) ?? old.get(key);
      if (party === undefined) continue;
      const change = amountOf(now.get(key)) - amountOf(old.get(key));
      if (change === 0n) continue;
      differences.push({ ...party, itemId, amountMinor: minor(change) });
      legs.push({ account: accountOf(party), amountMinor: minor(-change) });
    }
  }
  const sum = legs.reduce((total, leg) => total + leg.amountMinor, 0n);
  invariant(sum === 0n, 'the legs of a rebinding must add up to nothing');
  return { before, after, differences, legs };
}

function amountOf(owed: LineAmount | undefined): Minor {
  return owed?.amountMinor ?? ZERO;
}

/** What each party is owed of what is left of a line, zeros included, by party. */
function partiesOf(
  order: OrderFact,
  itemIndex: number,
  plan: Plan,
  soFar: RefundedSoFar,
): ReadonlyMap<string, LineAmount> {
  const item = order.items[itemIndex];
  invariant(item !== undefined, 'a line stands in its order');
  const { amountMinor: amount, subsidyMinor: subsidy } = soFar.get(item.itemId) ?? {
    amountMinor: ZERO,
    subsidyMinor: ZERO,
  };
  const paidMinor = minor(item.amountMinor + item.subsidyMinor);
  const baseMinor = minor(paidMinor - amount - subsidy);
  const split = splitLine({ baseMinor, paidMinor, kind: item.kind }, chainOf(order), plan);
  return new Map(
    lineAmounts(split, item.supplierId, plan).map((owed) => [
      `${owed.kind} ${owed.level} ${owed.payeeId}`,
      owed,
    ]),
  );
}

function entryOf(order: OrderFact, itemIndex: number, owed: LineAmount, plan: Plan): AccrualEntry {
  const { kind, level, payeeId, amountMinor } = owed;
  return {
    itemId: order.items[itemIndex]?.itemId ?? '',
    itemIndex,
    kind,
    level,
    payeeId,
    account: accountOf(owed),
    amountMinor,
    maturesAt: maturesAt(kind, order.completedAt, plan),
  };
}

/**
 * Takes back everything that an order owes, because no version fits it any more: as if all that is left of
 * it were refunded, but that nothing is.
 */
export function unbindOrder(order: OrderFact, from: Plan, soFar: RefundedSoFar): Rebinding {
  const left = order.items.map(({ itemId, amountMinor, subsidyMinor }) => {
    const taken = soFar.get(itemId) ?? { amountMinor: ZERO, subsidyMinor: ZERO };
    return {
      itemId,
      amountMinor: minor(amountMinor - taken.amountMinor),
      subsidyMinor: minor(subsidyMinor - taken.subsidyMinor),
    };
  });
  const judged = refundOrder(order, from, soFar, left);
  invariant(judged.kind === 'applied', 'what is left of an order is not more than is left');
  const before = judged.differences.map((difference) => ({
    ...difference,
    amountMinor: minor(-difference.amountMinor),
  }));
  return { before, after: [], differences: judged.differences, legs: judged.legs };
}
