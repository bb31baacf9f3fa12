import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { GroupCommit } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import type { AccessCall } from './access-call.js';
import { appendAccesses, monthOfLog, openMonth, type Access } from './access-log.store.js';

/** Writes down who was answered what; many answers share one commit. */
@Injectable()
export class AccessLog {
  /** Months that this process knows to be there: asking for one again is harmless. */
  private readonly months = new Set<string>();
  private readonly commits: GroupCommit<Access, void>;

  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'transaction'>,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.commits = new GroupCommit((accesses) => this.append(accesses));
  }

  /** Resolves when it is committed. */
  note(caller: Caller, call: AccessCall, status: number): Promise<void> {
    const { shopId } = call;
    const roles = caller.roles.flatMap((grant) => {
      return grant.shopId === '*' || grant.shopId === shopId ? [grant.role] : [];
    });
    return this.commits.add({
      ...call,
      at: this.clock.now(),
      actor: caller.subject,
      roles: [...new Set(roles)].sort(),
      status,
      requestId: caller.requestId,
    });
  }

  private async append(accesses: readonly Access[]): Promise<readonly void[]> {
    for (const month of new Set(accesses.map(({ at }) => monthOfLog(at)))) {
      if (this.months.has(month)) continue;
      await this.database.transaction((tx) => openMonth(tx, month));
      this.months.add(month);
    }
    await this.database.transaction((tx) => appendAccesses(tx, accesses));
    return accesses.map(() => undefined);
  }
}
