import { Inject, Injectable } from '@nestjs/common';
import { beijingDay, type DifferenceClass } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { LOGGER, ServiceEnv } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import type { PricedFinding } from './comparison.service.js';
import { DifferenceService } from './difference.service.js';
import { openSubjects, type OpenSubject } from './difference.store.js';
import { Heard } from './heard.js';
import { exportFindings } from './order-export-side.js';
import {
  finishExport,
  ordersBesideExport,
  ordersOfExport,
  type FoundCounts,
  type OrderExportState,
  type ToldPlace,
} from './order-export.store.js';
import { OrderSide } from './order-side.js';
import { TooMany } from './too-many.js';

const pageSize = 1_000;

/**
 * Compares an export of the order system with what the topics told, and the same orders with what
 * settlement-calculator owes for them. Every step may be done again.
 */
@Injectable()
export class OrderExportComparison {
  private readonly differencesMax: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Heard) private readonly heard: Pick<Heard, 'everything'>,
    @Inject(OrderSide) private readonly orders: Pick<OrderSide, 'comparePages'>,
    @Inject(DifferenceService) private readonly differences: DifferenceService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.differencesMax = env.count('DIFFERENCES_MAX', 100_000);
  }

  /** False where what stands on the topics is not heard yet: then it is begun again later. */
  async compare(row: OrderExportState): Promise<boolean> {
    if (!(await this.heard.everything())) return false;
    try {
      await this.note(row, await this.doubtsOf(row));
    } catch (error) {
      if (!(error instanceof TooMany)) throw error;
      await this.refuse(row, error.message);
    }
    return true;
  }

  private async doubtsOf(row: OrderExportState): Promise<Doubts> {
    const { shopId } = row;
    const open = (await openSubjects(this.database, shopId)).filter(({ comparison }) => {
      return comparison === 'exports' || comparison === 'orders';
    });
    // What is open and no order of this export; what is left of it is looked at behind the export.
    const others = new Set(open.map(({ subjectId }) => subjectId));
    const doubtful: string[] = [];
    const { findings } = await this.orders.comparePages(
      shopId,
      this.pages(row, { doubtful, others }),
      { open: idsOf(open, 'orders'), limit: this.differencesMax },
    );
    doubtful.push(...idsOf(open, 'exports').filter((orderId) => others.has(orderId)));
    return { doubtful, findings, lookedAt: open.map(({ key }) => key), others };
  }

  /** Pages of its orders, and of those that it should have; each is compared with the topics as it comes. */
  private async *pages(
    row: OrderExportState,
    { doubtful, others }: { readonly doubtful: string[]; readonly others: Set<string> },
  ): AsyncGenerator<readonly string[]> {
    for await (const page of this.candidates(row)) {
      const found = await exportFindings(this.database, row.shopId, page);
      doubtful.push(...found.map(({ subject }) => subject.id));
      if (doubtful.length > this.differencesMax) throw new TooMany('orders', this.differencesMax);
      for (const orderId of page) others.delete(orderId);
      yield page;
    }
  }

  private async *candidates(row: OrderExportState): AsyncGenerator<readonly string[]> {
    for (let after = '', isMore = true; isMore;) {
      const page = await ordersOfExport(this.database, row, { after, limit: pageSize });
      if (page.length > 0) yield page;
      isMore = page.length === pageSize;
      after = page.at(-1) ?? '';
    }
    for (let after: ToldPlace | null = null, isMore = true; isMore;) {
      const page: ToldPlace[] = await ordersBesideExport(this.database, row, {
        after,
        limit: pageSize,
      });
      if (page.length > 0) yield page.map(({ orderId }) => orderId);
      isMore = page.length === pageSize;
      after = page.at(-1) ?? null;
    }
  }

  /** What is in doubt is looked at once more where it is noted: a message may have mended it by then. */
  private async note(row: OrderExportState, doubts: Doubts): Promise<void> {
    const { shopId, exportId, rowCount: rows } = row;
    const { doubtful, lookedAt, others } = doubts;
    const merged = await this.units.run(async (unit) => {
      const of = { shopId, day: lastDayOf(row) };
      const exports = await exportFindings(unit.tx, shopId, doubtful);
      const findings = [...exports, ...doubts.findings];
      const found = countsOf(findings, others);
      const noted = await this.differences.note(unit, of, { findings, lookedAt, seenIn: 'bill' });
      await finishExport(unit.tx, row, { found, problem: null, at: unit.now });
      failpoint('export-noted');
      return noted;
    });
    failpoint('export-finished');
    const { opened, changed, cleared } = merged;
    const moved = { opened: opened.length, changed: changed.length, cleared: cleared.length };
    this.logger.info({ shopId, exportId, rows, ...moved }, 'order export compared');
  }

  private async refuse(row: OrderExportState, problem: string): Promise<void> {
    const { shopId, exportId } = row;
    this.logger.warn({ shopId, exportId, problem }, 'order export refused');
    await this.units.run((unit) => {
      return finishExport(unit.tx, row, { found: {}, problem, at: unit.now });
    });
  }
}

interface Doubts {
  /** Orders that differ from an export. */
  readonly doubtful: readonly string[];
  /** Where the books do not owe what was told. */
  readonly findings: readonly PricedFinding[];
  /** All that was open. */
  readonly lookedAt: readonly string[];
  /** Orders among them that are not of this export and its span. */
  readonly others: ReadonlySet<string>;
}

function idsOf(open: readonly OpenSubject[], of: OpenSubject['comparison']): string[] {
  return open.flatMap(({ comparison, subjectId }) => (comparison === of ? [subjectId] : []));
}

/** Of the orders of an export and its span alone. */
function countsOf(findings: readonly PricedFinding[], others: ReadonlySet<string>): FoundCounts {
  const counts: Partial<Record<DifferenceClass, number>> = {};
  for (const { class: found, subject } of findings) {
    if (!others.has(subject.id)) counts[found] = (counts[found] ?? 0) + 1;
  }
  return counts;
}

/** The last Beijing day that it tells of. */
function lastDayOf({ toAt, asOf }: OrderExportState): string {
  return beijingDay(new Date(Math.min(toAt.getTime() - 1, asOf.getTime())));
}
