import { setTimeout as pause } from 'node:timers/promises';
import { isInfrastructureError } from '@qingfen/database';
import { doTogether, type GroupWork, type Waiting } from '@qingfen/messaging';
import { ServiceUnavailable } from './service-client.js';

const atOnceMax = 200;

/** The database or the other service is away: it would be for each of the group alone. */
function befallsAll(error: unknown): boolean {
  return isInfrastructureError(error) || error instanceof ServiceUnavailable;
}

/** Why a group may wait a moment before it is committed. */
export interface Company {
  /** Whether more is under way that will want to be committed. */
  readonly isExpected: () => boolean;
  readonly waitMs: number;
}

/**
 * Lets pieces of work that come while a transaction, or a call, is under way go together into the next one,
 * so that many share one; where more is expected, what is there waits a moment for it. Where a group
 * fails each of its pieces is tried alone, so that one that cannot be done takes nobody with it.
 */
export class GroupCommit<T, R> {
  private readonly queue: Waiting<T, R>[] = [];
  private readonly how: GroupWork<T, R>;
  private isAtWork = false;

  /** `commit` does all of a group or, throwing, nothing; it answers one result for each, in order. */
  constructor(
    commit: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly company: Company = { isExpected: () => false, waitMs: 0 },
  ) {
    this.how = { work: commit, isShared: befallsAll };
  }

  /** Resolves when the piece is committed. @throws what `commit` throws for the piece alone */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      if (!this.isAtWork) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isAtWork = true;
    while (this.queue.length > 0) {
      const { isExpected, waitMs } = this.company;
      if (this.queue.length < atOnceMax && isExpected()) await pause(waitMs);
      await doTogether(this.queue.splice(0, atOnceMax), this.how);
    }
    this.isAtWork = false;
  }
}
