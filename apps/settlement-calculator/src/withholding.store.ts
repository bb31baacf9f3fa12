import {
  isWithheldFrom,
  leastGross,
  withhold,
  withholdingPeriod,
  type StatedBefore,
  type TaxedStatement,
} from '@qingfen/core-settlement';
import {
  readWithholding,
  taxCurrency,
  type PartKind,
  type Withholding,
  type WithholdingSettings,
} from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import { lockBuckets } from './bucket.js';
import type { Run } from './run.store.js';
import { shopOf, type ShopCopy } from './shop.store.js';
import type { PayeeNet } from './state-payees.store.js';

/** By what the tax of a payee's next statement is decided. */
export interface PayeeWithholding {
  readonly rule: Withholding;
  /** The time whose statements are taxed together. */
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  readonly before: StatedBefore;
}

/** What is about to be stated to a payee, and what of it is withheld. */
export interface TaxedPayee extends PayeeNet {
  readonly taxed: TaxedStatement;
  /** Null: nothing can be withheld of it. */
  readonly withholding: PayeeWithholding | null;
}

/** Of what statements are issued. */
type Place = Pick<Run, 'shop_id' | 'kind' | 'currency'>;

/** To whom, and when. */
interface Wanted {
  readonly payeeIds: readonly string[];
  readonly at: Date;
}

/**
 * Of which of these payees tax is withheld now, and by what; empty where the shop withholds none.
 *
 * The kinds that are taxed add up, so nobody else states any of them to these payees until the caller
 * commits: their buckets are locked here, with those of the ids besides, in one order.
 */
export async function withholdingsOf(
  unit: Unit,
  place: Place,
  {
    payeeIds,
    others,
  }: { readonly payeeIds: readonly string[]; readonly others: readonly string[] },
): Promise<ReadonlyMap<string, PayeeWithholding>> {
  const { shop_id: shopId, kind } = place;
  const shop = await shopOf(unit.tx, shopId);
  const kinds = shop?.withholding?.kinds ?? [];
  if (shop === undefined || !kinds.includes(kind)) return new Map();
  await lockBuckets(
    unit.tx,
    [...payeeIds, ...others].flatMap((payeeId) =>
      kinds.map((one) => ({ shopId, kind: one, payeeId })),
    ),
    'exclusive',
  );
  return withholdingsBy(unit.tx, shop, place, { payeeIds, at: unit.now });
}

/** The same as it stands, of statements that are issued at an instant; nothing is locked. */
export async function withholdingsAt(
  tx: Tx,
  place: Place,
  wanted: Wanted,
): Promise<ReadonlyMap<string, PayeeWithholding>> {
  const shop = await shopOf(tx, place.shop_id);
  return shop === undefined ? new Map() : withholdingsBy(tx, shop, place, wanted);
}

async function withholdingsBy(
  tx: Tx,
  { shopId, timezone, withholding: settings }: ShopCopy,
  { kind, currency }: Place,
  { payeeIds, at }: Wanted,
): Promise<ReadonlyMap<string, PayeeWithholding>> {
  if (settings === null) return new Map();
  const rule = ruleOf(settings);
  const types = await accountTypesOf(tx, shopId, payeeIds);
  const taxed = [...new Set(payeeIds)].filter((payeeId) =>
    isWithheldFrom(rule, { kind, currency, accountType: types.get(payeeId) ?? null }),
  );
  const span = withholdingPeriod(rule.period, at, timezone);
  const sums = await statedIn(tx, { shopId, kinds: rule.kinds, ...span }, taxed);
  const nothing = { grossMinor: ZERO, withheldMinor: ZERO };
  return new Map(
    taxed.map((payeeId) => [payeeId, { rule, ...span, before: sums.get(payeeId) ?? nothing }]),
  );
}

function ruleOf(settings: WithholdingSettings): Withholding {
  const reading = readWithholding(settings);
  invariant(reading.kind === 'ok', 'rules says of a shop what it has judged');
  return reading.withholding;
}

async function accountTypesOf(
  tx: Tx,
  shopId: string,
  payeeIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ payee_id: string; account_type: string }>(
    `SELECT payee_id, account_type FROM payee
      WHERE shop_id = $1 AND payee_id = ANY ($2::text[]) AND account_type IS NOT NULL`,
    [shopId, payeeIds],
  );
  return new Map(rows.map((row) => [row.payee_id, row.account_type]));
}

/** What was stated to payees in a time and stands: what came back of it is owed, and not stated. */
async function statedIn(
  tx: Tx,
  of: {
    readonly shopId: string;
    readonly kinds: readonly PartKind[];
    readonly from: Date;
    readonly to: Date;
  },
  payeeIds: readonly string[],
): Promise<ReadonlyMap<string, StatedBefore>> {
  const rows = await tx.query<{ payee_id: string; gross_minor: bigint; withheld_minor: bigint }>(
    `SELECT s.payee_id,
            sum(p.amount_minor - p.returned_minor + p.withheld_minor - p.withheld_back_minor)::bigint
              AS gross_minor,
            sum(p.withheld_minor - p.withheld_back_minor)::bigint AS withheld_minor
       FROM unnest($6::text[]) AS k(payee_id)
       JOIN statement s ON s.shop_id = $1 AND s.payee_id = k.payee_id AND s.kind = ANY ($2::text[])
                       AND s.currency = $3 AND s.issued_at >= $4 AND s.issued_at < $5
       JOIN payout p ON p.shop_id = s.shop_id AND p.statement_id = s.statement_id
      WHERE p.status IS NULL OR p.status = 'succeeded'
      GROUP BY s.payee_id`,
    [of.shopId, of.kinds, taxCurrency, of.from, of.to, payeeIds],
  );
  return new Map(
    rows.map((row) => [
      row.payee_id,
      { grossMinor: minor(row.gross_minor), withheldMinor: minor(row.withheld_minor) },
    ]),
  );
}

/**
 * From which sum of its entries on a payee is stated: what is paid of it reaches the minimum.
 * @returns null where no sum does
 */
export function leastOf(
  leastNetMinor: Minor,
  withholding: PayeeWithholding | undefined,
): Minor | null {
  if (withholding === undefined) return leastNetMinor;
  return leastGross(leastNetMinor, { tiers: withholding.rule.tiers, before: withholding.before });
}

/** What is stated to a payee, with what is withheld of it. */
export function taxedPayee(payee: PayeeNet, withholding: PayeeWithholding | undefined): TaxedPayee {
  const taxed = taxedBy(withholding, minor(payee.net_minor));
  return { ...payee, taxed, withholding: withholding ?? null };
}

/** What a sum of entries, more than nothing, comes to. */
export function taxedBy(
  withholding: PayeeWithholding | undefined,
  grossMinor: Minor,
): TaxedStatement {
  if (withholding === undefined) return { grossMinor, withheldMinor: ZERO, netMinor: grossMinor };
  return withhold(grossMinor, { tiers: withholding.rule.tiers, before: withholding.before });
}
