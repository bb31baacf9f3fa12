import { Injectable } from '@nestjs/common';
import { readPlan, type Plan, type VersionDates } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';

/** A version as this service keeps it: its dates, and its document parsed. */
export interface StoredVersion extends VersionDates {
  readonly shopId: string;
  readonly hash: string;
  readonly withdrawnAt: Date | null;
  readonly plan: Plan;
}

interface VersionRow {
  shop_id: string;
  version: number;
  hash: string;
  published_at: Date;
  effective_from: Date;
  withdrawn_at: Date | null;
}

const shelfSize = 10_000;
// A published version was judged by `rules` under the limits of its day: no limit here may unmake it.
const levelsMax = 20;

/**
 * The plan versions of shops, read in the caller's transaction.
 *
 * Only parsed documents are remembered, by the hash of what they say: a document never changes, so
 * nothing remembered can be stale. Dates and withdrawals are read each time.
 */
@Injectable()
export class PlanShelf {
  private readonly parsed = new Map<string, Plan>();

  async versionsOf(
    tx: Tx,
    shopIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly StoredVersion[]>> {
    const rows = await tx.prepared<VersionRow>(
      'plan-versions-of-shops',
      `SELECT shop_id, version, hash, published_at, effective_from, withdrawn_at
         FROM plan_version WHERE shop_id = ANY($1) ORDER BY shop_id, version`,
      [shopIds],
    );
    await this.fetchMissing(tx, rows);
    const versions = new Map<string, StoredVersion[]>();
    for (const row of rows) {
      const plan = this.parsed.get(keyOf(row));
      if (plan === undefined) throw new Error(`plan ${row.shop_id}:${row.version} is not readable`);
      const list = versions.get(row.shop_id) ?? [];
      list.push({
        shopId: row.shop_id,
        version: row.version,
        hash: row.hash,
        publishedAt: row.published_at,
        effectiveFrom: row.effective_from,
        withdrawnAt: row.withdrawn_at,
        plan,
      });
      versions.set(row.shop_id, list);
    }
    return versions;
  }

  /** The versions of one shop in one currency; of another one none binds or schedules anything. */
  async inCurrency(tx: Tx, shopId: string, currency: string): Promise<readonly StoredVersion[]> {
    const versions = (await this.versionsOf(tx, [shopId])).get(shopId) ?? [];
    return versions.filter(({ plan }) => plan.currency === currency);
  }

  private async fetchMissing(tx: Tx, rows: readonly VersionRow[]): Promise<void> {
    const missing = rows.filter((row) => !this.parsed.has(keyOf(row)));
    if (missing.length === 0) return;
    if (this.parsed.size + missing.length > shelfSize) this.parsed.clear();
    const documents = await tx.query<{
      shop_id: string;
      version: number;
      hash: string;
      document: unknown;
    }>(
      `SELECT shop_id, version, hash, document FROM plan_version
        WHERE (shop_id, version) IN (SELECT * FROM unnest($1::text[], $2::integer[]))`,
      [missing.map((row) => row.shop_id), missing.map((row) => row.version)],
    );
    for (const row of documents) {
      const reading = readPlan(row.document, { levelsMax });
      if (reading.kind === 'refused') {
        const [first] = reading.problems;
        throw new Error(`plan ${row.shop_id}:${row.version}: ${first?.pointer} ${first?.message}`);
      }
      this.parsed.set(keyOf(row), reading.plan);
    }
  }
}

function keyOf({
  shop_id,
  version,
  hash,
}: Pick<VersionRow, 'shop_id' | 'version' | 'hash'>): string {
  return `${shop_id} ${version} ${hash}`;
}
