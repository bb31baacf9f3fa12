import { Inject, Injectable } from '@nestjs/common';
import {
  archiveLines,
  serviceNames,
  type AuditList,
  type AuditPlan,
  type LedgerArchivePage,
  type ServiceName,
  type SignedActs,
  type SignedPage,
  type SignedText,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PageSigner, ServiceClient, ServiceEnv } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { bodyOrRefusal } from '../calls/bodies.js';
import { auditedAccesses } from './access-log.store.js';
import type { PackageLine, Section } from './package-lines.js';

/** A stretch of the journal is read, or a list is looked through. */
const readingMs = 60_000;
/** A whole ledger is summed up, however large. */
const summingMs = 600_000;
/** More pages of a list than that, and something goes round in a circle. */
const pagesMax = 1_000_000;

/** Whose package is made, of what, and who asked for it. */
interface Asked {
  readonly plan: AuditPlan;
  readonly caller: Caller;
}

/** Has the parts of a package from the services that own them, a page in memory at a time. */
@Injectable()
export class PackageSource {
  constructor(
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(ServiceEnv) private readonly env: Pick<ServiceEnv, 'services'>,
    @Inject(Database) private readonly database: Pick<Database, 'query'>,
    @Inject(PageSigner) private readonly pages: PageSigner,
  ) {}

  /** What the gateway itself vouches for. */
  sign(text: string): SignedText {
    return this.pages.signText(text);
  }

  /** @throws ProblemError 409 where the month is not over, or not under a signed head yet */
  plan(shopId: string, month: string, caller: Caller): Promise<AuditPlan> {
    return this.read(
      'settlement-calculator',
      `${pathOf(shopId)}/audit/plan?month=${month}`,
      caller,
    );
  }

  *sections(asked: Asked): Generator<Section> {
    yield { name: 'ledger', lines: this.ledger(asked) };
    yield { name: 'services', lines: servicesOf(asked.plan) };
    yield {
      name: 'totals',
      lines: this.lists(asked, 'settlement-calculator', ['totals', 'kind-totals']),
    };
    const ofDifferences = ['differences', 'difference-steps', 'difference-closings'] as const;
    yield { name: 'differences', lines: this.lists(asked, 'reconciliation', ofDifferences) };
    yield { name: 'alerts', lines: this.lists(asked, 'notification', ['alerts']) };
    yield { name: 'acts', lines: this.acts(asked) };
    yield { name: 'accesses', lines: this.accesses(asked) };
  }

  private async *ledger({ plan, caller }: Asked): AsyncGenerator<PackageLine> {
    const { shopId, toBlock } = plan;
    const wanted = { shopId, fromBlock: 1, toBlock };
    const lines = archiveLines(wanted, (query) => {
      const path = `${pathOf(shopId)}/ledger/archive?${query}`;
      return this.read<LedgerArchivePage>('settlement-calculator', path, caller);
    });
    for (let next = await lines.next(); ; next = await lines.next()) {
      if (next.done === true) {
        yield { document: { end: next.value }, records: 0 };
        return;
      }
      const facts: unknown = Reflect.get(next.value, 'facts');
      yield { document: next.value, records: Array.isArray(facts) ? facts.length : 0 };
    }
  }

  private async *lists(
    { plan, caller }: Asked,
    service: ServiceName,
    lists: readonly AuditList[],
  ): AsyncGenerator<PackageLine> {
    const { shopId, from, to, toBlock } = plan;
    for (const list of lists) {
      const isOfLedger = service === 'settlement-calculator';
      const span = { from, to, ...(isOfLedger ? { toBlock: String(toBlock) } : {}) };
      yield* pagesOf('page', (cursor) => {
        const query = new URLSearchParams({ ...span, cursor });
        const path = `${pathOf(shopId)}/audit/${list}?${query.toString()}`;
        return this.read<SignedPage>(service, path, caller, isOfLedger ? summingMs : readingMs);
      });
    }
  }

  private async *acts({ plan, caller }: Asked): AsyncGenerator<PackageLine> {
    const { shopId, from, to } = plan;
    for (const service of serviceNames) {
      if (this.env.services[service] === undefined) continue;
      yield* pagesOf('acts', (cursor) => {
        const query = new URLSearchParams({ from, to, cursor });
        const path = `${pathOf(shopId)}/acts?${query.toString()}`;
        return this.read<SignedActs>(service, path, caller);
      });
    }
  }

  private async *accesses({ plan }: Asked): AsyncGenerator<PackageLine> {
    const { shopId, from, to } = plan;
    yield* pagesOf('page', (cursor) => {
      const asked = { list: 'accesses', shopId, query: { from, to, cursor } } as const;
      return this.pages.answer(asked, (span) => auditedAccesses(this.database, span));
    });
  }

  private async read<T>(
    service: ServiceName,
    path: string,
    caller: Caller,
    timeoutMs = readingMs,
  ): Promise<T> {
    const call = { service, method: 'GET', path, caller, timeoutMs } as const;
    return bodyOrRefusal(await this.client.request<T>(call));
  }
}

async function* servicesOf({ services }: AuditPlan): AsyncGenerator<PackageLine> {
  yield { document: { services }, records: 1 };
}

/** Every page of a list, each a line of its own under this name. */
async function* pagesOf(
  name: 'page' | 'acts',
  read: (cursor: string) => Promise<SignedPage | SignedActs>,
): AsyncGenerator<PackageLine> {
  let cursor: string | null = '0';
  for (let count = 0; cursor !== null; count += 1) {
    if (count > pagesMax) throw new Error(`a list has more than ${pagesMax} pages`);
    const { nextCursor, ...page }: SignedPage | SignedActs = await read(cursor);
    const fields: unknown = JSON.parse(page.text);
    const records: unknown = Array.isArray(fields) ? fields.at(-1) : [];
    yield { document: { [name]: page }, records: Array.isArray(records) ? records.length : 0 };
    cursor = nextCursor;
  }
}

function pathOf(shopId: string): string {
  return `/internal/shops/${encodeURIComponent(shopId)}`;
}
