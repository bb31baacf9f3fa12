import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { problem, type OrderExportQuery } from '@qingfen/contracts';
import { dayEnd, dayStart } from '@qingfen/core-reconciliation';
import { advisoryLock } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { audit, invalid, ProblemError, ServiceEnv } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { sha256Hex, type Caller } from '@qingfen/security';
import { createHash } from 'node:crypto';
import { allowLong } from './long-transaction.js';
import { readOrderExport, type ExportReading } from './order-export-file.js';
import {
  askAgain,
  ExportCopy,
  exportUnderLock,
  insertExport,
  noteRowCount,
  type OrderExportFile,
  type OrderExportState,
} from './order-export.store.js';

/** A file as it was uploaded. */
export interface Upload {
  readonly shopId: string;
  readonly bytes: Buffer;
  readonly query: OrderExportQuery;
  readonly caller: Caller;
}

/** Takes back what was copied of a file that has a bad row. */
class NotTaken extends Error {
  override readonly name = 'NotTaken';

  constructor(readonly reading: Extract<ExportReading, { kind: 'refused' }>) {
    super(`${reading.count} faults`);
  }
}

/** Keeps exports of the order system: whole, or not at all. */
@Injectable()
export class OrderExportService {
  private readonly rowsMax: number;
  private readonly errorsMax: number;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(Units) private readonly units: Units,
  ) {
    this.rowsMax = env.count('ORDER_EXPORT_ROWS_MAX', 500_000);
    this.errorsMax = Math.min(env.count('ORDER_EXPORT_ERRORS_MAX', 100), 1_000);
  }

  /**
   * Keeps an export and has it compared. The same bytes for the same span (and, where one was said, as of
   * the same instant) are the same upload: it is compared anew, and nothing is kept twice.
   *
   * @throws ProblemError 422 `bad-export` with lines and fields, and nothing is kept
   */
  async upload(upload: Upload): Promise<OrderExportState> {
    try {
      const kept = await this.units.run((unit) => this.take(unit, upload));
      failpoint('export-kept');
      return kept;
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      throw badExport(error.reading);
    }
  }

  private async take(
    unit: Unit,
    { shopId, bytes, query, caller }: Upload,
  ): Promise<OrderExportState> {
    const file = fileOf(unit.now, { shopId, bytes, query, caller });
    // Of two who upload the same at once the second waits, and finds what the first has kept.
    await advisoryLock(unit.tx, `order export ${shopId} ${file.exportId}`, 'exclusive');
    const before = await exportUnderLock(unit.tx, shopId, file.exportId);
    if (before === null) await this.keep(unit, file, { bytes, ignored: query.ignoreColumns ?? '' });
    else await askAgain(unit.tx, before);
    const kept = await exportUnderLock(unit.tx, shopId, file.exportId);
    if (kept === null) throw new Error('an export that was kept is there');
    const { exportId, sha256, rowCount: rows, fromAt: from, toAt: to, asOf } = kept;
    await audit(unit.tx, {
      caller,
      action: 'order-export.upload',
      subject: { type: 'order-export', id: exportId },
      shopId,
      before: before && { state: before.state, comparedAt: before.comparedAt },
      after: { state: kept.state, sha256, rows, from, to, asOf },
      reason: null,
      at: unit.now,
    });
    return kept;
  }

  private async keep(
    { tx }: Unit,
    file: OrderExportFile,
    { bytes, ignored }: { readonly bytes: Buffer; readonly ignored: string },
  ): Promise<void> {
    const { shopId } = file;
    await allowLong(tx);
    const exportNo = await insertExport(tx, file);
    const copy = ExportCopy.begin(tx, shopId, exportNo);
    let reading: ExportReading;
    try {
      const terms = {
        ...{ shopId, from: file.fromAt, to: file.toAt },
        ...{ rowsMax: this.rowsMax, errorsMax: this.errorsMax },
        ignoredColumns: ignored.split(',').map((name) => name.trim()),
      };
      reading = await readOrderExport(bytes, terms, async (rows) => {
        await copy.write(rows);
        failpoint('export-rows-copied');
      });
    } finally {
      await copy.end();
    }
    if (reading.kind === 'refused') throw new NotTaken(reading);
    await noteRowCount(tx, { shopId, exportNo }, reading.rowCount);
  }
}

/** @throws ProblemError 422 where the export would be of the future */
function fileOf(now: Date, { shopId, bytes, query, caller }: Upload): OrderExportFile {
  const { day, from = '', to = '' } = query;
  const fromAt = day === undefined ? parseInstant(from) : dayStart(day);
  const toAt = day === undefined ? parseInstant(to) : dayEnd(day);
  const asOf = query.asOf === undefined ? now : parseInstant(query.asOf);
  const [message, messageZh] = ['lies in the future', '晚于当前时间'];
  if (asOf > now) throw invalid([{ pointer: '/asOf', message, messageZh }]);
  if (fromAt > asOf) {
    const pointer = day === undefined ? '/from' : '/day';
    throw invalid([{ pointer, message: 'begins after asOf', messageZh: '晚于 asOf' }]);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const identity = [shopId, fromAt.toISOString(), toAt.toISOString(), query.asOf ?? '', sha256];
  return {
    ...{ shopId, sha256, fromAt, toAt, asOf },
    exportId: `oe_${sha256Hex(identity.join('|')).slice(0, 26)}`,
    byteCount: BigInt(bytes.length),
    uploadedBy: caller.subject,
    uploadedAt: now,
  };
}

function badExport({ count, errors }: Extract<ExportReading, { kind: 'refused' }>): ProblemError {
  const named = errors.length < count ? ` The first ${errors.length} are named.` : '';
  const detail = `The file has ${count} faults and nothing of it was kept.${named}`;
  return new ProblemError(problem('bad-export', 422, 'Not a valid export', detail, errors));
}
