import type { Database } from '@qingfen/database';
import { audit } from '@qingfen/hosting';
import { dropMonth, monthOfLog, monthsAfter, monthsBefore } from './access-log.store.js';

/** More months than these wait for the next round. */
const monthsPerRound = 12;

/** Nobody asked for it: the setting did. */
const house = { issuer: 'gateway', subject: 'gateway', roles: [], requestId: '' } as const;

/**
 * Drops whole months of the access log that are older than so many, the present one not counted, and writes
 * down that it did. @returns them
 */
export async function dropOldAccesses(
  database: Pick<Database, 'transaction'>,
  { now, keepMonths }: { readonly now: Date; readonly keepMonths: number },
): Promise<readonly string[]> {
  const firstKept = monthsAfter(monthOfLog(now), -keepMonths);
  const old = await database.transaction((tx) => monthsBefore(tx, firstKept, monthsPerRound));
  for (const month of old) {
    await database.transaction(async (tx) => {
      await dropMonth(tx, month);
      await audit(tx, {
        caller: house,
        action: 'access-log.drop',
        subject: { type: 'month', id: month },
        shopId: null,
        before: null,
        after: { keepMonths },
        reason: null,
        at: now,
      });
    });
  }
  return old;
}
