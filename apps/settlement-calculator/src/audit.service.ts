import { Inject, Injectable } from '@nestjs/common';
import { createZone, formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import {
  auditTotalsQuery,
  type AuditPlan,
  type SignedPage,
  type SignedText,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { conflict, PageSigner, queryOf, ServiceEnv } from '@qingfen/hosting';
import { serviceNames } from '@qingfen/security';
import { totalsOf } from './audit-totals.js';
import { accountSums, bookedBefore } from './audit.store.js';
import { headAfter } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { timezoneOf } from './shop.store.js';

/** Each page sums the whole ledger up again, so there are few: one for nearly every shop. */
const totalsPerPage = 50_000;

/** The ledger's part in a month's audit package: how far it goes, what it comes to, and whose keys count. */
@Injectable()
export class AuditService {
  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'query' | 'transaction'>,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(LedgerKeys) private readonly keys: LedgerKeys,
    @Inject(ServiceEnv) private readonly env: Pick<ServiceEnv, 'services' | 'secrets'>,
    @Inject(PageSigner) private readonly pages: PageSigner,
  ) {}

  /** @throws ProblemError 409 `month-not-over`, `not-sealed` until a head is signed over all of it, `old-key` */
  async plan(shopId: string, month: string): Promise<AuditPlan> {
    const timezone = await timezoneOf(this.database, shopId);
    const { from, to } = spanOf(month, timezone);
    if (to > this.clock.now()) {
      throw conflict('month-not-over', `${month} ends at ${formatInstant(to, timezone)}.`);
    }
    return {
      ...{ shopId, month, timezone },
      from: from.toISOString(),
      to: to.toISOString(),
      toBlock: await this.lastBlockOf(shopId, to),
      services: await this.servicesText(shopId, month),
    };
  }

  /** What the month came to: by account, or by kind of what is owed. */
  async totals(
    list: 'totals' | 'kind-totals',
    shopId: string,
    query: unknown,
  ): Promise<SignedPage> {
    const asked = queryOf(auditTotalsQuery, query);
    const [from, to] = [new Date(asked.from), new Date(asked.to)];
    const at = { shopId, from, to, after: asked.cursor };
    const sums = await accountSums(this.database, { ...at, toBlock: asked.toBlock });
    const records = totalsOf(list, sums)
      .filter(([place]) => place > asked.cursor)
      .slice(0, totalsPerPage + 1);
    const page = this.pages.sign({ ...at, list, records, limit: totalsPerPage });
    return { format: 'qingfen-page/1', ...page };
  }

  /** The first head that covers everything booked before an instant, so that nothing of it is unsigned. */
  private async lastBlockOf(shopId: string, to: Date): Promise<number> {
    const { block, isAnyUnsealed } = await bookedBefore(this.database, shopId, to);
    if (block === null && !isAnyUnsealed) return 0;
    const head =
      block === null || isAnyUnsealed ? undefined : await headAfter(this.database, shopId, block);
    if (head === undefined) {
      throw conflict('not-sealed', 'No head is signed over all of it; one is within a minute.');
    }
    return head.block;
  }

  /** Every service's key under the ledger's own, which is all that has to be trusted. */
  private async servicesText(shopId: string, month: string): Promise<SignedText> {
    const isOurs = await this.database.transaction((tx) => this.keys.signing(tx));
    if (isOurs === null) {
      throw conflict(
        'old-key',
        'This process was given an older key than the ledger has; ask again.',
      );
    }
    const { services } = this.env.secrets;
    const keys = serviceNames
      .filter((name) => this.env.services[name] !== undefined)
      .map((name) => [
        name,
        services[name].signingKey.keyId,
        services[name].signingKey.publicKeyPem,
      ]);
    const text = JSON.stringify(['audit-services', shopId, month, keys]);
    const { keyId, publicKeyPem: publicKey } = this.keys.signer;
    return { text, signature: this.keys.signer.sign(text).toString('base64'), keyId, publicKey };
  }
}

/** A calendar month of a zone, half-open. */
function spanOf(month: string, timezone: string): { readonly from: Date; readonly to: Date } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const zone = createZone(timezone);
  const first = { day: 1, hour: 0, minute: 0 };
  const [nextYear, nextNumber] = number === 12 ? [year + 1, 1] : [year, number + 1];
  return {
    from: zone.instantOf({ year, month: number, ...first }),
    to: zone.instantOf({ year: nextYear, month: nextNumber, ...first }),
  };
}
