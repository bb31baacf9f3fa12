import { addDays } from '@qingfen/calendar';
import { versionInForce, type VersionDates } from '@qingfen/core-plan';

/** A completion as it was told; one order may have been told with several different instants. */
export interface ToldCompletion {
  readonly shopId: string;
  readonly orderId: string;
  readonly paidAt: Date;
  readonly completedAt: Date;
}

/** What a return window needs to know of a plan version. */
export interface WindowVersion extends VersionDates {
  /** Days of 24 hours. */
  readonly returnWindowDays: number;
}

/** The window of one told completion under the version in force at its `paidAt`. */
export interface BoundWindow {
  readonly version: number;
  /** The end of the window as computed, whenever it is said. */
  readonly closedAt: Date;
}

/** A completion as the service remembers it. */
export interface WindowState extends ToldCompletion {
  /** null: no version was in force at `paidAt` as far as was known. */
  readonly bound: BoundWindow | null;
  /** The `closedAt` that was said last; null: nothing was said yet. */
  readonly saidClosedAt: Date | null;
}

/** `return-window-closed`: evidence that the window of this completion has ended. */
export interface ReturnWindowClosed {
  readonly shopId: string;
  readonly orderId: string;
  readonly completedAt: Date;
  readonly closedAt: Date;
}

/**
 * Computes a completion's window under the version in force when the order was paid. Depends on the
 * dates of the versions alone, so it may be asked anew when one arrives late or is withdrawn.
 * Undefined: no version fits.
 */
export function bindWindow(
  told: Pick<ToldCompletion, 'paidAt' | 'completedAt'>,
  versions: readonly WindowVersion[],
): BoundWindow | undefined {
  const version = versionInForce(versions, told.paidAt);
  if (version === undefined) return undefined;
  return {
    version: version.version,
    closedAt: addDays(told.completedAt, version.returnWindowDays),
  };
}

/**
 * Which of a shop's completions are bound otherwise now that these versions are known: those that
 * had none, whose version was superseded by one that arrived late, or was withdrawn. Gives back
 * only what changes.
 */
export function rebindWindows(
  states: readonly WindowState[],
  versions: readonly WindowVersion[],
): readonly WindowState[] {
  const changed: WindowState[] = [];
  for (const state of states) {
    const bound = bindWindow(state, versions) ?? null;
    if (!isSameWindow(state.bound, bound)) changed.push({ ...state, bound });
  }
  return changed;
}

/**
 * The instant at which something must be said of this completion; undefined while nothing is known
 * to come. What was said with a later `closedAt` is evidence for a shorter window too, so only a
 * longer one is said again.
 */
export function dueAt(state: Pick<WindowState, 'bound' | 'saidClosedAt'>): Date | undefined {
  const { bound, saidClosedAt } = state;
  if (bound === null) return undefined;
  if (saidClosedAt !== null && saidClosedAt.getTime() >= bound.closedAt.getTime()) return undefined;
  return bound.closedAt;
}

/**
 * What is to be said at `now`: one fact for every distinct `completedAt` of an order whose window
 * has ended.
 */
export function windowsDue(
  states: readonly WindowState[],
  now: Date,
): readonly ReturnWindowClosed[] {
  const said = new Set<string>();
  const due: ReturnWindowClosed[] = [];
  for (const state of states) {
    const closedAt = dueAt(state);
    if (closedAt === undefined || closedAt.getTime() > now.getTime()) continue;
    const { shopId, orderId, completedAt } = state;
    const fact = `${shopId}|${orderId}|${completedAt.getTime()}|${closedAt.getTime()}`;
    if (said.has(fact)) continue;
    said.add(fact);
    due.push({ shopId, orderId, completedAt, closedAt });
  }
  return due;
}

function isSameWindow(one: BoundWindow | null, other: BoundWindow | null): boolean {
  if (one === null || other === null) return one === other;
  return one.version === other.version && one.closedAt.getTime() === other.closedAt.getTime();
}
