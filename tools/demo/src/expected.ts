import { createHash } from 'node:crypto';
import { fenOf, type ReferencePlan, splitLine } from '@qingfen/testing';
import { midnightOf, shanghai, span } from './calendar.js';
import { type CastShop, payeesOf, shops } from './cast.js';
import { frozenFromMs, mendedFromMs, mishap } from './mishap.js';
import type { DemoOrder } from './orders.js';

/** What runs pay. */
export type DemoKind = 'commission' | 'supplier';

/** A transfer that must have taken place, with the number under which Alipay knows it. */
export interface ExpectedTransfer {
  readonly outBizNo: string;
  readonly shopId: string;
  readonly appId: string;
  readonly payeeId: string;
  readonly kind: DemoKind;
  readonly identity: string;
  readonly fen: bigint;
  readonly atMs: number;
}

/** Everything that must come out, in fen, by `shop|kind|payee`; the fee by shop. */
export interface Expected {
  readonly transfers: readonly ExpectedTransfer[];
  /** Payouts that Alipay must have refused because of the frozen account. */
  readonly refused: readonly ExpectedTransfer[];
  readonly owed: ReadonlyMap<string, bigint>;
  readonly paid: ReadonlyMap<string, bigint>;
  readonly feeOf: ReadonlyMap<string, bigint>;
  /** What buyers and the platform paid, by shop. */
  readonly baseOf: ReadonlyMap<string, bigint>;
}

interface Entry {
  readonly kind: DemoKind;
  readonly payeeId: string;
  readonly fen: bigint;
  readonly maturesAtMs: number;
}

const windowDaysUsual = 7;
const minPayoutUsual = '0.10';
const transferMinimumFen = 10n;
const runHour = 2 * span.hour;

/** The key of what a payee has of one kind. */
export function keyOf(shopId: string, kind: DemoKind, payeeId: string): string {
  return `${shopId}|${kind}|${payeeId}`;
}

/**
 * Who must have been paid what until an instant, worked out from the orders and plans alone: with
 * big.js, without any code of the product, and down to each transfer's number.
 */
export function expectedUntil(orders: readonly DemoOrder[], untilMs: number): Expected {
  const transfers: ExpectedTransfer[] = [];
  const refused: ExpectedTransfer[] = [];
  const owed = new Map<string, bigint>();
  const feeOf = new Map<string, bigint>();
  const baseOf = new Map<string, bigint>();
  for (const shop of shops) {
    const ofShop = orders.filter(({ shopId }) => shopId === shop.shopId);
    const { entries, feeFen, baseFen } = entriesOf(shop.plan, ofShop);
    feeOf.set(shop.shopId, feeFen);
    baseOf.set(shop.shopId, baseFen);
    for (const { kind, payeeId, fen } of entries) add(owed, keyOf(shop.shopId, kind, payeeId), fen);
    const lived = liveThrough(shop, entries, untilMs);
    transfers.push(...lived.transfers);
    refused.push(...lived.refused);
  }
  const paid = new Map<string, bigint>();
  for (const { shopId, kind, payeeId, fen } of transfers) {
    add(paid, keyOf(shopId, kind, payeeId), fen);
  }
  return { transfers, refused, owed, paid, feeOf, baseOf };
}

function entriesOf(
  plan: ReferencePlan,
  orders: readonly DemoOrder[],
): { readonly entries: readonly Entry[]; readonly feeFen: bigint; readonly baseFen: bigint } {
  const entries: Entry[] = [];
  let feeFen = 0n;
  let baseFen = 0n;
  const windowMs = (plan.returnWindowDays ?? windowDaysUsual) * span.day;
  const delayMs = (plan.supplier?.delayDays ?? windowDaysUsual) * span.day;
  for (const order of orders) {
    const completedMs = Date.parse(order.completedAt);
    const who = order.distributors.map((payeeId) =>
      plan.commission?.selfPurchase === 'skip' && payeeId === order.buyerPayeeId ? null : payeeId,
    );
    for (const item of order.items) {
      const split = splitLine(plan, item, who);
      const base = fenOf(item.amount) + fenOf(item.subsidy ?? '0.00');
      const shares = split.commissions.reduce((sum, { owedMinor }) => sum + owedMinor, 0n);
      if (split.feeMinor + shares + split.supplierMinor !== base) {
        throw new Error(`the demo's own calculation of ${order.orderId} does not add up`);
      }
      feeFen += split.feeMinor;
      baseFen += base;
      const maturesAtMs = completedMs + windowMs;
      for (const { payeeId, owedMinor: fen } of split.commissions) {
        entries.push({ kind: 'commission', payeeId, fen, maturesAtMs });
      }
      entries.push({
        kind: 'supplier',
        payeeId: item.supplierId,
        fen: split.supplierMinor,
        maturesAtMs: completedMs + Math.max(windowMs, delayMs),
      });
    }
  }
  return { entries, feeFen, baseFen };
}

interface Lived {
  readonly transfers: ExpectedTransfer[];
  readonly refused: ExpectedTransfer[];
}

/** Every run of a shop from the beginning: daily for commissions, on Mondays for suppliers. */
function liveThrough(shop: CastShop, entries: readonly Entry[], untilMs: number): Lived {
  const lived: Lived = { transfers: [], refused: [] };
  let waiting = entries;
  let isHeld = false; // the payee whose account failed, until another one is told
  for (let day = 0; midnightOf(day) + runHour <= untilMs; day += 1) {
    const cutoffMs = midnightOf(day);
    const atMs = cutoffMs + runHour;
    if (isMended(shop, atMs)) isHeld = false;
    for (const kind of day % 7 === 0 ? kindsOfMonday : kindsOfDay) {
      const givenBack: Entry[] = [];
      const taken = new Set<Entry>();
      for (const [payeeId, own] of dueByPayee(waiting, { kind, cutoffMs })) {
        if (isHeld && isOfMishap(shop, payeeId)) continue;
        const fen = own.reduce((sum, entry) => sum + entry.fen, 0n);
        if (fen < fenOf(shop.plan[kind]?.minPayout ?? minPayoutUsual)) continue;
        for (const entry of own) taken.add(entry);
        const transfers = transfersOf(shop, { kind, payeeId, fen, atMs });
        if (isFrozen(shop, payeeId, atMs)) {
          lived.refused.push(...transfers);
          // What a refused payout gives back matures at its result, and so in a later run.
          for (const each of transfers) {
            givenBack.push({ kind, payeeId, fen: each.fen, maturesAtMs: atMs });
          }
          isHeld = true;
        } else {
          lived.transfers.push(...transfers);
        }
      }
      waiting = [...waiting.filter((entry) => !taken.has(entry)), ...givenBack];
    }
  }
  return lived;
}

const kindsOfDay: readonly DemoKind[] = ['commission'];
const kindsOfMonday: readonly DemoKind[] = ['commission', 'supplier'];

function dueByPayee(
  entries: readonly Entry[],
  { kind, cutoffMs }: { readonly kind: DemoKind; readonly cutoffMs: number },
): ReadonlyMap<string, readonly Entry[]> {
  const due = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.kind !== kind || entry.maturesAtMs >= cutoffMs || entry.fen === 0n) continue;
    const own = due.get(entry.payeeId);
    if (own === undefined) due.set(entry.payeeId, [entry]);
    else own.push(entry);
  }
  return due;
}

/** A statement's payouts: full parts first, the rest last and never under Alipay's minimum. */
function transfersOf(
  shop: CastShop,
  statement: { kind: DemoKind; payeeId: string; fen: bigint; atMs: number },
): readonly ExpectedTransfer[] {
  const mostFen = fenOf(shop.transferMax);
  const parts: bigint[] = [];
  for (let rest = statement.fen; rest > 0n; rest -= mostFen) {
    parts.push(rest < mostFen ? rest : mostFen);
  }
  const [last, before] = [parts.at(-1) ?? 0n, parts.at(-2)];
  if (before !== undefined && last < transferMinimumFen) {
    parts.splice(-2, 2, before - (transferMinimumFen - last), transferMinimumFen);
  }
  const { kind, payeeId, atMs } = statement;
  const { shopId, appId } = shop;
  return parts.map((fen, index) => {
    const id = [shopId, 'CNY', kind, shanghai(atMs), payeeId, String(index + 1)].join('|');
    const payoutId = `po_${sha256(id).slice(0, 26)}`;
    const outBizNo = `QF${sha256(`${shopId}|${payoutId}`).slice(0, 30)}`;
    const identity = identityAt(shop, payeeId, atMs);
    return { outBizNo, shopId, appId, payeeId, kind, identity, fen, atMs };
  });
}

function identityAt(shop: CastShop, payeeId: string, atMs: number): string {
  if (isOfMishap(shop, payeeId) && isMended(shop, atMs)) return mishap.newIdentity;
  const payee = payeesOf(shop).find((each) => each.payeeId === payeeId);
  if (payee === undefined) throw new Error(`nobody is called ${payeeId}`);
  return payee.identity;
}

function isFrozen(shop: CastShop, payeeId: string, atMs: number): boolean {
  return isOfMishap(shop, payeeId) && atMs >= frozenFromMs(mishap) && !isMended(shop, atMs);
}

function isMended(shop: CastShop, atMs: number): boolean {
  return shop.shopId === mishap.shopId && atMs >= mendedFromMs(mishap);
}

function isOfMishap(shop: CastShop, payeeId: string): boolean {
  return shop.shopId === mishap.shopId && payeeId === mishap.payeeId;
}

function add(sums: Map<string, bigint>, key: string, fen: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + fen);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
