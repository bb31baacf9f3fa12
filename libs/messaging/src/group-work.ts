/** A piece of work that somebody waits for. */
export interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** How the pieces of a group are done. */
export interface GroupWork<T, R> {
  /** Does all of a group or, throwing, nothing of it; one result for each, in order. */
  readonly work: (items: readonly T[]) => Promise<readonly R[]>;
  /** Whether an error befalls everybody; else each of a failed group is tried alone. */
  readonly isShared: (error: unknown) => boolean;
}

/**
 * Does a group at once. Where it fails each of its pieces is tried alone, so that one that cannot be done
 * takes nobody with it; not by what befalls all of them, which it would for each alone. Never throws: who
 * waits is told.
 */
export async function doTogether<T, R>(
  group: readonly Waiting<T, R>[],
  how: GroupWork<T, R>,
): Promise<void> {
  try {
    const results = await how.work(group.map(({ item }) => item));
    for (const [index, result] of results.entries()) group[index]?.resolve(result);
  } catch (error) {
    if (group.length === 1 || how.isShared(error)) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const one of group) await doTogether([one], how);
  }
}
