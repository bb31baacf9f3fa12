import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { orderExportQuery, pageQuery, type OrderExport, type Page } from '@qingfen/contracts';
import { differenceClasses } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import {
  CallerIs,
  instantPlace,
  instantPlaceAfter,
  notFound,
  pageOfRows,
  Permit,
  queryOf,
  readers,
} from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { timezoneOf } from './day.store.js';
import { OrderExportService } from './order-export.service.js';
import { listExports, type OrderExportState } from './order-export.store.js';
import { OrderExportWorker } from './order-export.worker.js';

/** Exports of the order system: uploaded, compared, listed (R-REC-2). */
@Controller('internal/shops/:shopId/reconciliations/order-exports')
export class OrderExportController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrderExportService) private readonly exports: Pick<OrderExportService, 'upload'>,
    @Inject(OrderExportWorker) private readonly worker: Pick<OrderExportWorker, 'wake'>,
  ) {}

  /** The file is kept when this answers; it is compared behind it. */
  @Post()
  @HttpCode(202)
  @Permit('operator')
  async upload(
    @Param('shopId') shopId: string,
    @Query() given: unknown,
    @Body() body: unknown,
    @CallerIs() caller: Caller,
  ): Promise<OrderExport> {
    const query = queryOf(orderExportQuery, given);
    const timezone = await timezoneOf(this.database, shopId);
    if (timezone === null) throw notFound('There is no such shop.');
    // No body at all is a file of nothing: the reader says what it lacks.
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const row = await this.exports.upload({ shopId, bytes, query, caller });
    this.worker.wake();
    return exportView(row, timezone);
  }

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<OrderExport>> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const after = instantPlaceAfter(cursor);
    const found = await listExports(this.database, shopId, { after, limit: limit + 1 });
    const { rows, nextCursor } = pageOfRows(found, limit, (row) =>
      instantPlace({ at: row.uploadedAt, id: row.exportId }),
    );
    const timezone = (await timezoneOf(this.database, shopId)) ?? 'Asia/Shanghai';
    return { items: rows.map((row) => exportView(row, timezone)), nextCursor };
  }
}

function exportView(row: OrderExportState, timezone: string): OrderExport {
  const shown = (instant: Date): string => formatInstant(instant, timezone);
  return {
    exportId: row.exportId,
    state: row.state === 'due' ? 'running' : row.state,
    from: shown(row.fromAt),
    to: shown(row.toAt),
    asOf: shown(row.asOf),
    sha256: row.sha256,
    bytes: Number(row.byteCount),
    rows: row.rowCount,
    uploadedBy: row.uploadedBy,
    uploadedAt: shown(row.uploadedAt),
    comparedAt: row.comparedAt && shown(row.comparedAt),
    found: differenceClasses.flatMap((one) => {
      const count = row.found[one] ?? 0;
      return count === 0 ? [] : [{ class: one, count }];
    }),
    problem: row.problem,
  };
}
