import { fenOf, yuanOf } from '../../fen.js';
import { dayMs } from '../days.js';
import type { ReferencePlan } from '../plan-in-force.js';
import { splitLine } from '../split-line.js';
import type { EntryCause, ReferenceEntry } from './entry.js';
import type { Party, ReferenceOrder, ReferenceOrderLine, ShopState } from './state.js';

const daysUsual = 7;

/** Why a line is split anew, and when corrections of what is stated mature. */
export interface SplitCause {
  readonly cause: EntryCause & ('refund' | 'refund-reversal' | 'rebinding');
  readonly causeId: string;
  readonly correctionMaturesMs: number;
}

/** When a return window ends under a plan. */
export function windowEnd(order: ReferenceOrder, plan: ReferencePlan): number {
  return order.completedMs + (plan.returnWindowDays ?? daysUsual) * dayMs;
}

/** What the buyer and the platform paid for the whole order. */
export function paidForOrder({ lines }: ReferenceOrder): bigint {
  return lines.reduce((sum, { paidFen }) => sum + paidFen, 0n);
}

/** Whether an order meets what a plan asks of its amount, once and for ever (domain.md 2.3). */
export function isLargeEnough(
  order: ReferenceOrder,
  { conditions = [] }: ReferencePlan,
  kind: 'commission' | 'team-reward',
): boolean {
  return conditions.every(
    (condition) =>
      condition.when !== 'order-amount' ||
      condition.for !== kind ||
      paidForOrder(order) >= fenOf(condition.atLeast),
  );
}

/** The distributors of an order who count under a plan, level by level. */
export function chainOf(order: ReferenceOrder, plan: ReferencePlan): readonly (string | null)[] {
  const { distributors, buyerPayeeId } = order.data;
  if (!isLargeEnough(order, plan, 'commission')) return [];
  const isSkipped = (payeeId: string): boolean =>
    plan.commission?.selfPurchase === 'skip' && payeeId === buyerPayeeId;
  return distributors.map((id) => (id === null || isSkipped(id) ? null : id));
}

/**
 * Splits a line on what is left of it and books the difference for every party (domain.md 3 and 5):
 * into the entry itself while that is on no statement, as a correction of its own where it is.
 */
export function settleLine(
  shop: ShopState,
  order: ReferenceOrder,
  line: ReferenceOrderLine,
  why: SplitCause,
): void {
  const owed = owedOf(order, line);
  for (const [key, { fen, ...party }] of owed) {
    if (!line.parties.has(key)) line.parties.set(key, { ...party, owedFen: 0n, entry: null });
    if (fen < 0n) throw new Error(`the reference owes ${key} less than nothing`);
  }
  for (const [key, party] of line.parties) {
    const now = owed.get(key)?.fen ?? 0n;
    const change = now - party.owedFen;
    party.owedFen = now;
    if (party.who === 'platform-fee' || party.who === 'own-goods') continue;
    const origin = { kind: party.who, itemId: line.item.itemId };
    owe(shop, order, { ...origin, party, changeFen: change, why });
  }
}

function owe(
  shop: ShopState,
  order: ReferenceOrder,
  what: {
    readonly kind: 'commission' | 'supplier';
    readonly itemId: string;
    readonly party: Party;
    readonly changeFen: bigint;
    readonly why: SplitCause;
  },
): void {
  const { kind, itemId, party, changeFen, why } = what;
  const { cause, causeId, correctionMaturesMs } = why;
  const of = { kind, owner: party.payeeId, orderId: order.data.orderId, itemId };
  const place = 'open';
  if (party.entry !== null && party.entry.place !== 'open') {
    if (changeFen === 0n) return;
    const { level } = party;
    const when = { maturesMs: correctionMaturesMs, windowMs: null };
    shop.open.add({ ...of, level, cause, causeId, fen: changeFen, ...when, place });
    return;
  }
  if (party.entry === null) {
    if (changeFen === 0n) return;
    const { level } = party;
    const when = { maturesMs: 0, windowMs: null };
    party.entry = { ...of, level, cause: 'order', causeId: '', fen: 0n, ...when, place };
    shop.open.add(party.entry);
    mature(order, party.entry);
  }
  party.entry.fen = party.owedFen;
  if (cause === 'rebinding') mature(order, party.entry);
}

/** When what an order owes in the first place matures under its version, and by which evidence. */
function mature(order: ReferenceOrder, entry: ReferenceEntry): void {
  if (order.version === null) return; // owed nothing
  const { plan } = order.version;
  const windowMs = windowEnd(order, plan);
  const delayMs = order.completedMs + (plan.supplier?.delayDays ?? daysUsual) * dayMs;
  entry.maturesMs = entry.kind === 'supplier' ? Math.max(windowMs, delayMs) : windowMs;
  entry.windowMs = order.isBoundByHand ? null : windowMs;
}

type Owed = Omit<Party, 'owedFen' | 'entry'> & { readonly fen: bigint };

/** What each party is owed of what is left of a line; nothing where no version binds the order. */
function owedOf(order: ReferenceOrder, line: ReferenceOrderLine): ReadonlyMap<string, Owed> {
  if (order.version === null) return new Map();
  const { plan } = order.version;
  const { item } = line;
  const split = splitLine(
    plan,
    {
      ...item,
      amount: yuanOf(line.amountFen),
      subsidy: yuanOf(line.subsidyFen),
      paid: yuanOf(line.paidFen),
      facts: order.facts,
    },
    chainOf(order, plan),
  );
  const own = { payeeId: '', level: 0 };
  const parties: Owed[] = [
    { who: 'platform-fee', ...own, fen: split.feeMinor },
    ...split.commissions.map(({ level, payeeId, owedMinor }) => {
      return { who: 'commission' as const, payeeId, level, fen: owedMinor };
    }),
    plan.supplier === undefined
      ? { who: 'own-goods', ...own, fen: split.supplierMinor }
      : { who: 'supplier', payeeId: item.supplierId, level: 0, fen: split.supplierMinor },
  ];
  const sum = parties.reduce((total, { fen }) => total + fen, 0n);
  if (sum !== line.amountFen + line.subsidyFen) throw new Error('a line of the reference is off');
  return new Map(parties.map((party) => [`${party.who} ${party.level} ${party.payeeId}`, party]));
}
