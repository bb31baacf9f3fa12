import { addDays } from '@qingfen/calendar';
import { versionInForce, type VersionDates } from '@qingfen/core-plan';

/** What of a plan version decides about return windows. */
export interface WindowVersion extends VersionDates {
  readonly shopId: string;
  /** Days of 24 hours after completion. */
  readonly returnWindowDays: number;
}

/** One completion as it was told. */
export interface Completion {
  readonly shopId: string;
  readonly orderId: string;
  readonly paidAt: Date;
  readonly completedAt: Date;
}

/** A completion and the end of its window; both null while no version fits its `paidAt`. */
export interface ReturnWindow extends Completion {
  readonly version: number | null;
  readonly closesAt: Date | null;
}

/**
 * Binds a completion to the version in force when its order was paid, and computes the window's end.
 * Depends on dates alone, never on what arrived first.
 */
export function windowOf(
  completion: Completion,
  versions: readonly WindowVersion[],
): ReturnWindow {
  const inForce = versionInForce(versions, completion.paidAt);
  if (inForce === undefined) return { ...completion, version: null, closesAt: null };
  const closesAt = addDays(completion.completedAt, inForce.returnWindowDays);
  return { ...completion, version: inForce.version, closesAt };
}

/** Versions by their shop. */
export function byShop(versions: readonly WindowVersion[]): ReadonlyMap<string, WindowVersion[]> {
  const grouped = new Map<string, WindowVersion[]>();
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

/** Which version is in force when, over all time: the stretches touch and do not overlap. */
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
