import type { EventData } from '@qingfen/contracts';

import { fenOf } from '../fen.js';
import { inForce, type CycleTerms, type ReferenceVersion } from './plan-in-force.js';
import { splitLine } from './split-line.js';

/** The kinds that the reference pays. */
export type ReferenceKind = 'commission' | 'supplier';

/** An order event and the business instant at which it was published. */
export interface PublishedOrder {
  readonly data: EventData['order-completed'];
  readonly publishedAt: string;
}

/** A payee's account from an instant on; null is none. */
export interface KnownPayee {
  readonly shopId: string;
  readonly payeeId: string;
  readonly identity: string | null;
  readonly knownFrom: string;
}

/** What one run states to one payee. */
export interface ExpectedStatement {
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  /** The run's scheduled instant, milliseconds. */
  readonly periodMs: number;
  readonly netMinor: bigint;
  readonly entryCount: number;
}

/** What must have been paid, and what must still be owed, in fen. */
export interface ExpectedBook {
  readonly statements: readonly ExpectedStatement[];
  /** Σ paid by `shopId|kind|payeeId`. */
  readonly paid: ReadonlyMap<string, bigint>;
  /** Σ owed but not stated by `shopId|kind|payeeId`. */
  readonly unstated: ReadonlyMap<string, bigint>;
}

interface ReferenceEntry {
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  readonly owedMinor: bigint;
  readonly maturesAtMs: number;
  readonly publishedAtMs: number;
}

const dayMs = 24 * 3_600_000;
const windowDaysUsual = 7;
const delayDaysUsual = 7;
const minPayoutUsual = '0.10';
const shanghaiOffsetMs = 8 * 3_600_000;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const cyclesUsual: Readonly<Record<ReferenceKind, CycleTerms>> = {
  commission: { every: 'day', at: '02:00' },
  supplier: { every: 'week', on: 'monday', at: '02:00' },
};

/** The key of {@link ExpectedBook}'s maps. */
export function bookKey(of: {
  readonly shopId: string;
  readonly kind: string;
  readonly payeeId: string;
}): string {
  return `${of.shopId}|${of.kind}|${of.payeeId}`;
}

/**
 * What every payee must have been paid by an instant, by domain.md 3, 4 and 6, worked out from the
 * published events, versions and payees alone: no refunds, no holds, every payout succeeding, shops
 * in Asia/Shanghai (which has had one offset since 1992). Imports nothing of the product. An event published twice, or again under another id, counts once; the first content stands.
 */
export function expectedBook(facts: {
  readonly orders: readonly PublishedOrder[];
  readonly versions: readonly ReferenceVersion[];
  readonly payees: readonly KnownPayee[];
  readonly at: string;
}): ExpectedBook {
  const { versions, payees } = facts;
  const atMs = Date.parse(facts.at);
  const waiting = entriesOf(facts.orders, versions);
  const statements: ExpectedStatement[] = [];
  const firstMs = Math.min(atMs, ...versions.map(({ effectiveFrom }) => Date.parse(effectiveFrom)));
  const shopIds = new Set(versions.map(({ shopId }) => shopId));
  for (let cutoffMs = localMidnight(firstMs); cutoffMs <= atMs; cutoffMs += dayMs) {
    for (const shopId of shopIds) {
      for (const kind of ['commission', 'supplier'] as const) {
        const run = runAt({ versions, shopId, kind, cutoffMs });
        if (run === undefined || run.periodMs > atMs) continue;
        statements.push(...settle({ ...run, shopId, kind, cutoffMs, waiting, payees }));
      }
    }
  }
  return {
    statements,
    paid: summed(statements.map((each) => [bookKey(each), each.netMinor])),
    unstated: summed([...waiting].map((each) => [bookKey(each), each.owedMinor])),
  };
}

function entriesOf(
  orders: readonly PublishedOrder[],
  versions: readonly ReferenceVersion[],
): Set<ReferenceEntry> {
  const entries = new Set<ReferenceEntry>();
  const seen = new Set<string>();
  for (const { data, publishedAt } of orders) {
    const name = `${data.shopId}|${data.orderId}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const version = inForce(versions, data.shopId, Date.parse(data.paidAt));
    if (version === undefined) continue;
    const { plan } = version;
    const completedMs = Date.parse(data.completedAt);
    const windowMs = completedMs + (plan.returnWindowDays ?? windowDaysUsual) * dayMs;
    const delayMs = completedMs + (plan.supplier?.delayDays ?? delayDaysUsual) * dayMs;
    const common = { shopId: data.shopId, publishedAtMs: Date.parse(publishedAt) };
    const distributors = data.distributors.map((payeeId) =>
      plan.commission?.selfPurchase === 'skip' && payeeId === (data.buyerPayeeId ?? null)
        ? null
        : payeeId,
    );
    const add = (entry: Omit<ReferenceEntry, 'shopId' | 'publishedAtMs'>): void => {
      if (entry.owedMinor > 0n) entries.add({ ...common, ...entry });
    };
    for (const item of data.items) {
      const { commissions, supplierMinor } = splitLine(plan, item, distributors);
      for (const { payeeId, owedMinor } of commissions) {
        add({ kind: 'commission', payeeId, owedMinor, maturesAtMs: windowMs });
      }
      if (plan.supplier === undefined) continue;
      const maturesAtMs = Math.max(windowMs, delayMs);
      add({ kind: 'supplier', payeeId: item.supplierId, owedMinor: supplierMinor, maturesAtMs });
    }
  }
  return entries;
}

interface Run {
  readonly periodMs: number;
  readonly minPayout: string;
}

/** The run whose cutoff is this midnight, if the version in force then names one. */
function runAt(question: {
  readonly versions: readonly ReferenceVersion[];
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly cutoffMs: number;
}): Run | undefined {
  const { versions, shopId, kind, cutoffMs } = question;
  const terms = inForce(versions, shopId, cutoffMs)?.plan[kind];
  if (terms === undefined) return undefined;
  const { every, on = 'monday', at } = terms.cycle ?? cyclesUsual[kind];
  const weekday = weekdays[new Date(cutoffMs + shanghaiOffsetMs).getUTCDay()];
  if (every === 'week' && weekday !== on) return undefined;
  const [hours = '0', minutes = '0'] = at.split(':');
  const periodMs = cutoffMs + (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { periodMs, minPayout: terms.minPayout ?? minPayoutUsual };
}

/** States what one run may take; what is stated no longer waits. */
function settle(
  run: Run & {
    readonly shopId: string;
    readonly kind: ReferenceKind;
    readonly cutoffMs: number;
    readonly waiting: Set<ReferenceEntry>;
    readonly payees: readonly KnownPayee[];
  },
): ExpectedStatement[] {
  const { shopId, kind, cutoffMs, periodMs, waiting, payees } = run;
  const byPayee = new Map<string, ReferenceEntry[]>();
  for (const entry of waiting) {
    if (entry.shopId !== shopId || entry.kind !== kind) continue;
    if (entry.maturesAtMs >= cutoffMs || entry.publishedAtMs >= periodMs) continue;
    const others = byPayee.get(entry.payeeId);
    if (others === undefined) byPayee.set(entry.payeeId, [entry]);
    else others.push(entry);
  }
  const statements: ExpectedStatement[] = [];
  for (const [payeeId, entries] of byPayee) {
    const netMinor = entries.reduce((sum, { owedMinor }) => sum + owedMinor, 0n);
    const isPayable = hasAccount(payees, { shopId, payeeId, atMs: periodMs });
    if (!isPayable || netMinor < fenOf(run.minPayout)) continue;
    for (const entry of entries) waiting.delete(entry);
    statements.push({ shopId, kind, payeeId, periodMs, netMinor, entryCount: entries.length });
  }
  return statements;
}

function hasAccount(
  payees: readonly KnownPayee[],
  who: { readonly shopId: string; readonly payeeId: string; readonly atMs: number },
): boolean {
  let latest: KnownPayee | undefined;
  for (const payee of payees) {
    if (payee.shopId !== who.shopId || payee.payeeId !== who.payeeId) continue;
    if (Date.parse(payee.knownFrom) > who.atMs) continue;
    if (latest === undefined || Date.parse(payee.knownFrom) >= Date.parse(latest.knownFrom)) {
      latest = payee;
    }
  }
  return latest !== undefined && latest.identity !== null;
}

function localMidnight(ms: number): number {
  return Math.floor((ms + shanghaiOffsetMs) / dayMs) * dayMs - shanghaiOffsetMs;
}

function summed(pairs: readonly (readonly [string, bigint])[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [key, amount] of pairs) sums.set(key, (sums.get(key) ?? 0n) + amount);
  return sums;
}
