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

/** The numbers of accounts of one shop and currency. @throws Error for a name that was not asked for */
export type NumberOf = (name: string) => bigint;

interface AccountRow {
  readonly shop_id: string;
  readonly currency: string;
  readonly name: string;
  readonly account_no: bigint;
}

type Missing = Readonly<Record<'shopId' | 'currency' | 'name', string>>;

const rememberedMax = 1_000_000;

/**
 * The numbers of ledger accounts. A name keeps its number for ever, so what is remembered cannot be
 * stale; only numbers whose transaction has committed are remembered.
 */
@Injectable()
export class Accounts {
  private readonly known = new Map<string, Map<string, bigint>>();
  private count = 0;

  /** Finds the numbers of these accounts; those that are not there yet are made, in one order. */
  async numbering(
    unit: Unit,
    namings: Iterable<Naming>,
  ): Promise<(shopId: string, currency: string) => NumberOf> {
    const fresh = await numbersOf(unit.tx, this.missingOf(namings));
    if (fresh.length > 0) unit.onCommit(() => this.remember(fresh));
    const found = new Map<string, Map<string, bigint>>();
    for (const row of fresh) note(found, row);
    // Taken now: others may fill or clear the memory while this unit is at work.
    const known = new Map(this.known);
    return (shopId, currency) => {
      const scope = scopeOf(shopId, currency);
      const [old, made] = [known.get(scope), found.get(scope)];
      return (name) => {
        const number = old?.get(name) ?? made?.get(name);
        if (number === undefined) throw new Error(`account ${name} of ${shopId} was not asked for`);
        return number;
      };
    };
  }

  /** Nearly always none: so nothing is gathered but what is not known. */
  private missingOf(namings: Iterable<Naming>): Missing[] {
    const missing = new Map<string, Missing>();
    for (const { shopId, currency, named } of namings) {
      const known = this.known.get(scopeOf(shopId, currency));
      for (const { account: name } of named) {
        if (known?.has(name) === true) continue;
        missing.set(`${scopeOf(shopId, currency)} ${name}`, { shopId, currency, name });
      }
    }
    return [...missing.values()];
  }

  private remember(rows: readonly AccountRow[]): void {
    if (this.count + rows.length > rememberedMax) {
      this.known.clear(); // its inner maps stay whole for whoever has taken them
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

async function numbersOf(tx: Tx, missing: readonly Missing[]): Promise<readonly AccountRow[]> {
  if (missing.length === 0) return [];
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
