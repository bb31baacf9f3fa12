import type { WindowVersion } from '@qingfen/core-order';
import { versionInForce } from '@qingfen/core-plan';

/** What of a shop's plan version decides about return windows. */
export interface ShopVersion extends WindowVersion {
  readonly shopId: string;
}

/** Versions by their shop. */
export function byShop(versions: readonly ShopVersion[]): ReadonlyMap<string, ShopVersion[]> {
  const grouped = new Map<string, ShopVersion[]>();
  for (const version of versions) {
    const others = grouped.get(version.shopId);
    if (others === undefined) grouped.set(version.shopId, [version]);
    else others.push(version);
  }
  return grouped;
}

/** A stretch of `paidAt` with one answer: from `from` (null: always) until before `to` (null: for ever). */
export interface Reign {
  readonly from: Date | null;
  readonly to: Date | null;
  readonly version: number | null;
  readonly returnWindowDays: number | null;
}

/**
 * Which version is in force when, over all time: the stretches touch and do not overlap, so that rows can be
 * bound anew by one statement for each shop instead of one by one.
 */
export function reignsOf(versions: readonly WindowVersion[]): readonly Reign[] {
  const starts = [...new Set(versions.map(({ effectiveFrom }) => effectiveFrom.getTime()))].sort(
    (a, b) => a - b,
  );
  const edges = [null, ...starts.map((ms) => new Date(ms))];
  return edges.map((from, index) => {
    const inForce = from === null ? undefined : versionInForce(versions, from);
    return {
      from,
      to: edges[index + 1] ?? null,
      version: inForce?.version ?? null,
      returnWindowDays: inForce?.returnWindowDays ?? null,
    };
  });
}
