import { invariant, minor, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import { chainOf, type RateFacts } from './chain.js';
import { payableAccount, type LedgerLeg, type PlainAccount } from './ledger.js';
import { maturesAt, windowEndsAt, type AccrualKind } from './maturity.js';
import { splitLine, type LineKind, type LineSplit } from './split-line.js';

/** One line of an order as it was completed, before any refund. */
export interface OrderItem {
  readonly itemId: string;
  readonly supplierId: string;
  /** What the buyer paid for the line after every discount. */
  readonly amountMinor: Minor;
  /** What the platform pays on top: `paid = amount + subsidy`. */
  readonly subsidyMinor: Minor;
  readonly kind: LineKind;
}

/** A completed order. */
export interface OrderFact {
  readonly shopId: string;
  readonly orderId: string;
  readonly currency: string;
  readonly paidAt: Date;
  readonly completedAt: Date;
  /** Absent: the buyer's money did not come through Alipay; it is with the shop's owner. */
  readonly alipayTradeNo?: string;
  readonly buyerPayeeId?: string;
  readonly items: readonly OrderItem[];
  /** Level 1 first; null is a missing level. */
  readonly distributors: readonly (string | null)[];
  readonly teamId?: string;
  /** What dynamic rates follow, as it was when the order came; absent where no rate is dynamic. */
  readonly rateFacts?: RateFacts | undefined;
}

/** One amount owed for one order line; never zero. */
export interface AccrualEntry {
  readonly itemId: string;
  /** The place of the line in its order, from 0. */
  readonly itemIndex: number;
  readonly kind: AccrualKind;
  /** Of a commission, 1 for level 1; else null. */
  readonly level: number | null;
  /** null for the platform's fee. */
  readonly payeeId: string | null;
  /** The ledger account that is credited. */
  readonly account: string;
  readonly amountMinor: Minor;
  readonly maturesAt: Date;
}

/** A leg and the line that it belongs to; the legs of each line add up to 0. */
export interface LineLeg extends LedgerLeg {
  readonly itemId: string;
}

/** What the completion of an order books. */
export interface Accrual {
  readonly planVersion: number;
  readonly entries: readonly AccrualEntry[];
  readonly legs: readonly LineLeg[];
  readonly windowEndsAt: Date;
  /** When the entries of commissions (and the fee) mature, and those of suppliers. */
  readonly commissionAt: Date;
  readonly supplierAt: Date;
  /**
   * The greatest cut of one share on any line; above one minor unit `commission-capped` is raised.
   */
  readonly cappedMinor: Minor;
}

/**
 * What parties are owed of one line, signed: the whole of it, or the difference that a refund
 * makes.
 */
export interface LineAmount {
  readonly kind: AccrualKind;
  readonly level: number | null;
  readonly payeeId: string | null;
  readonly amountMinor: Minor;
}

/**
 * Books a completed order under the plan version it is bound to (domain.md 3, 4 and the first three
 * rows of 8).
 *
 * Per line the base is amount + subsidy. `clearing` is debited with the base and credited with the
 * subsidy, so that what stays there is what the buyer paid; of an order without Alipay trade that
 * part is moved to `owner`. Amounts of zero book neither entry nor leg. What remains of a plan
 * without supplier part is the shop's own revenue and no entry.
 *
 * @throws InvariantError when currencies differ, an amount is negative or something does not add
 * up: bugs.
 */
export function accrueOrder(order: OrderFact, plan: Plan, planVersion: number): Accrual {
  invariant(order.currency === plan.currency, 'an order is settled in the currency of its plan');
  const commissionAt = maturesAt('commission', order.completedAt, plan);
  const supplierAt = maturesAt('supplier', order.completedAt, plan);
  const chain = chainOf(order);
  const entries: AccrualEntry[] = [];
  const legs: LineLeg[] = [];
  let cappedMinor = 0n;
  for (const [itemIndex, item] of order.items.entries()) {
    const { itemId, kind } = item;
    invariant(item.amountMinor >= 0n && item.subsidyMinor >= 0n, 'what was paid is not negative');
    const baseMinor = minor(item.amountMinor + item.subsidyMinor);
    const split = splitLine({ baseMinor, paidMinor: baseMinor, kind }, chain, plan);
    if (split.cappedMinor > cappedMinor) cappedMinor = split.cappedMinor;
    for (const owed of lineAmounts(split, item.supplierId, plan)) {
      if (owed.amountMinor === 0n) continue;
      const account = accountOf(owed);
      legs.push({ itemId, account, amountMinor: minor(-owed.amountMinor) });
      if (owed.kind === 'supplier' && owed.payeeId === null) continue; // the shop's own goods
      const matures = owed.kind === 'supplier' ? supplierAt : commissionAt;
      entries.push({
        itemId,
        itemIndex,
        kind: owed.kind,
        level: owed.level,
        payeeId: owed.payeeId,
        account,
        amountMinor: owed.amountMinor,
        maturesAt: matures,
      });
    }
    for (const leg of paidLegs(item, baseMinor, order.alipayTradeNo !== undefined)) {
      legs.push({ itemId, account: leg.account, amountMinor: leg.amountMinor });
    }
  }
  checkBalanced(legs);
  return {
    planVersion,
    entries,
    legs,
    windowEndsAt: windowEndsAt(order.completedAt, plan),
    commissionAt,
    supplierAt,
    cappedMinor: minor(cappedMinor),
  };
}

/**
 * Who is owed what of a split line, zeros included, so that two splits of one line can be compared
 * party by party. A `supplier` without payee is the shop itself (`revenue:own-goods`): it books no
 * entry.
 */
export function lineAmounts(split: LineSplit, supplierId: string, plan: Plan): LineAmount[] {
  const amounts: LineAmount[] = [
    { kind: 'platform-fee', level: null, payeeId: null, amountMinor: split.feeMinor },
  ];
  for (const { level, payeeId, owedMinor } of split.levels) {
    amounts.push({ kind: 'commission', level, payeeId, amountMinor: owedMinor });
  }
  const payeeId = plan.supplier === undefined ? null : supplierId;
  amounts.push({ kind: 'supplier', level: null, payeeId, amountMinor: split.supplierMinor });
  return amounts;
}

/** The account that is credited with what a party is owed. */
export function accountOf(owed: Pick<LineAmount, 'kind' | 'payeeId'>): string {
  if (owed.kind === 'platform-fee') return plain('revenue:platform-fee');
  if (owed.payeeId === null) return plain('revenue:own-goods');
  return payableAccount(owed.kind, owed.payeeId);
}

/** The other side: where the money comes from. Zero amounts have no leg. */
function paidLegs(item: OrderItem, baseMinor: Minor, hasTrade: boolean): LedgerLeg[] {
  const legs: LedgerLeg[] = [];
  const move = (debit: PlainAccount, credit: PlainAccount, amountMinor: Minor): void => {
    if (amountMinor === 0n) return;
    legs.push({ account: debit, amountMinor });
    legs.push({ account: credit, amountMinor: minor(-amountMinor) });
  };
  if (baseMinor > 0n) legs.push({ account: plain('clearing'), amountMinor: baseMinor });
  move('expense:subsidy', 'clearing', item.subsidyMinor);
  if (!hasTrade) move('owner', 'clearing', item.amountMinor);
  return legs;
}

function plain(account: PlainAccount): PlainAccount {
  return account;
}

function checkBalanced(legs: readonly LineLeg[]): void {
  let sum = 0n;
  let itemId: string | undefined;
  for (const leg of legs) {
    // Legs of one line stand together, so each line is closed before the next one begins.
    invariant(leg.itemId === itemId || sum === 0n, 'the legs of a line must add up to nothing');
    itemId = leg.itemId;
    sum += leg.amountMinor;
  }
  invariant(sum === 0n, 'the legs of a line must add up to nothing');
}
