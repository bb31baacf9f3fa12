import { Injectable } from '@nestjs/common';
import type { Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { bucketOf } from './bucket.js';

/** What names accounts of one shop and currency: the legs of a fact, the entries of an order. */
export interface Naming {
  readonly shopId: string;
  readonly currency: string;
  readonly named: readonly { readonly account: string }[];
}

interface AccountRow {
  readonly shop_id: string;
  readonly currency: string;
  readonly name: string;
  readonly account_no: bigint;
}

type Missing = Readonly<Record<'shopId' | 'currency' | 'name', string>>;

/** A name without a number, and where the number belongs. */
interface Gap extends Missing {
  readonly own: bigint[];
  readonly place: number;
}

const rememberedMax = 1_000_000;

/**
 * The numbers of ledger accounts. A name keeps its number for ever, so what is remembered cannot be
 * stale; only numbers whose transaction has committed are remembered.
 */
@Injectable()
export class Accounts {
  private readonly known = new Map<string, Map<string, bigint>>();
  private count = 0;

  /**
   * The numbers of these accounts, naming by naming and name by name; those that are not there yet are
   * made, in one order.
   */
  async numbersOf(unit: Unit, namings: readonly Naming[]): Promise<readonly bigint[][]> {
    const gaps: Gap[] = [];
    const numbers = namings.map(({ shopId, currency, named }) => {
      const known = this.known.get(scopeOf(shopId, currency));
      const own: bigint[] = [];
      for (const { account: name } of named) {
        const number = known?.get(name);
        if (number === undefined) gaps.push({ shopId, currency, name, own, place: own.length });
        own.push(number ?? 0n);
      }
      return own;
    });
    if (gaps.length > 0) await this.fill(unit, gaps);
    return numbers;
  }

  /** Nearly always nothing is left to be filled. */
  private async fill(unit: Unit, gaps: readonly Gap[]): Promise<void> {
    const missing = new Map<string, Missing>();
    for (const { shopId, currency, name } of gaps) {
      missing.set(`${scopeOf(shopId, currency)} ${name}`, { shopId, currency, name });
    }
    const rows = await findOrMake(unit.tx, [...missing.values()]);
    unit.onCommit(() => this.remember(rows));
    const found = new Map<string, Map<string, bigint>>();
    for (const row of rows) note(found, row);
    for (const { shopId, currency, name, own, place } of gaps) {
      const number = found.get(scopeOf(shopId, currency))?.get(name);
      if (number === undefined) throw new Error(`account ${name} of ${shopId} was not made`);
      own[place] = number;
    }
  }

  private remember(rows: readonly AccountRow[]): void {
    if (this.count + rows.length > rememberedMax) {
      this.known.clear();
      this.count = 0;
    }
    this.count += rows.length;
    for (const row of rows) note(this.known, row);
  }
}

function scopeOf(shopId: string, currency: string): string {
  return `${currency} ${shopId}`;
}

function note(into: Map<string, Map<string, bigint>>, row: AccountRow): void {
  const scope = scopeOf(row.shop_id, row.currency);
  const own = into.get(scope);
  if (own === undefined) into.set(scope, new Map([[row.name, row.account_no]]));
  else own.set(row.name, row.account_no);
}

/** Whose account it is: the last part of `payable:<kind>:<owner>`; of others, the name itself. */
function ownerOf(name: string): string {
  const owner = /^payable:[^:]+:(.+)$/.exec(name)?.[1];
  return owner ?? name;
}

async function findOrMake(tx: Tx, missing: readonly Missing[]): Promise<readonly AccountRow[]> {
  const params = [
    missing.map(({ shopId }) => shopId),
    missing.map(({ currency }) => currency),
    missing.map(({ name }) => name),
  ];
  const buckets = missing.map(({ name }) => bucketOf(ownerOf(name)));
  const there = await tx.prepared<AccountRow>('accounts-by-name', accountsSql, params);
  if (there.length === missing.length) return there;
  await tx.prepared('make-accounts', makeAccountsSql, [...params, buckets]);
  return tx.prepared<AccountRow>('accounts-by-name', accountsSql, params);
}

const accountsSql = `
SELECT a.shop_id, a.currency, a.name, a.account_no
  FROM unnest($1::text[], $2::text[], $3::text[]) AS w(shop_id, currency, name)
  JOIN account a USING (shop_id, currency, name)`;

// In one order, so that two batches with the same new accounts wait for each other and never in a ring.
const makeAccountsSql = `
INSERT INTO account (shop_id, currency, name, bucket)
SELECT w.shop_id, w.currency, w.name, w.bucket
  FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[])
         AS w(shop_id, currency, name, bucket)
 WHERE NOT EXISTS (SELECT 1 FROM account a
                    WHERE a.shop_id = w.shop_id AND a.currency = w.currency AND a.name = w.name)
 ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING`;
