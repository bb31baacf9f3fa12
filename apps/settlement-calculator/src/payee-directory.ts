import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '@qingfen/database';
import { notFound } from '@qingfen/hosting';
import { Hearing } from './hearing.js';

/** Whether this service has heard of a payee: it was told, or something is or was owed to it. */
export async function isKnownPayee(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  payeeId: string,
): Promise<boolean> {
  const [row] = await tx.query<{ known: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM payee WHERE shop_id = $1 AND payee_id = $2)
         OR EXISTS (SELECT 1 FROM statement WHERE shop_id = $1 AND payee_id = $2)
         OR EXISTS (SELECT 1 FROM account WHERE shop_id = $1 AND owner_id = $2
                       AND kind IN ('commission', 'supplier', 'team-reward')) AS known`,
    [shopId, payeeId],
  );
  return row?.known === true;
}

/** Payees as this service knows them: a payee that was just put may not have been heard of yet. */
@Injectable()
export class PayeeDirectory {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Hearing) private readonly hearing: Hearing,
  ) {}

  /** @throws ProblemError 404 */
  async find(shopId: string, payeeId: string): Promise<void> {
    const isKnown = (): Promise<boolean> => isKnownPayee(this.database, shopId, payeeId);
    if (await this.hearing.of('payee-upserted', isKnown)) return;
    throw notFound(`The shop has no payee ${payeeId}.`);
  }
}
