import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { BillDownload } from '@qingfen/alipay';
import { isDay } from '@qingfen/calendar';
import { problem, type AlipayShops } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { conflict, notFound, PermitService, ProblemError, ServiceEnv } from '@qingfen/hosting';
import type { Response } from 'express';
import { Merchants } from './merchants.js';

/** What of the settings a download needs. */
type BillSettings = Pick<ServiceEnv, 'count'>;

/**
 * Alipay's bills for reconciliation: the keys stay in this service, which alone may ask for them
 * (architecture.md rule 13). Nothing is kept here.
 */
@Controller('internal')
@PermitService('reconciliation')
export class BillController {
  constructor(
    @Inject(ServiceEnv) private readonly env: BillSettings,
    @Inject(Database) private readonly database: Database,
    @Inject(Merchants) private readonly merchants: Merchants,
  ) {}

  /** Whose bills there are. */
  @Get('alipay-shops')
  async shops(): Promise<AlipayShops> {
    const rows = await this.database.query<{ shopId: string }>(
      'SELECT shop_id AS "shopId" FROM credential ORDER BY shop_id',
    );
    return { shopIds: rows.map(({ shopId }) => shopId) };
  }

  /** The ZIP as Alipay gave it; 204 where it has nothing for the day. */
  @Get('shops/:shopId/alipay/bills/:day')
  async bill(
    @Param('shopId') shopId: string,
    @Param('day') day: string,
    @Res() response: Response,
  ): Promise<void> {
    if (!isDay(day)) throw notFound('A bill is of a day, such as 2026-01-05.');
    const download = await this.download(shopId, day);
    if (download.kind === 'no-data') response.status(204).end();
    else if (download.kind === 'downloaded') response.type('application/zip').send(download.bytes);
    else throw refusalOf(download);
  }

  private async download(shopId: string, day: string): Promise<BillDownload> {
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) throw notFound('The shop has no Alipay credentials.');
    return merchant.bill({
      day,
      bytesMax: this.env.count('BILL_BYTES_MAX', 256 * 1024 * 1024),
      timeoutMs: this.env.count('BILL_DOWNLOAD_TIMEOUT_MS', 60_000),
      triesMax: this.env.count('BILL_DOWNLOAD_TRIES', 3),
    });
  }
}

function refusalOf(
  download: Exclude<BillDownload, { kind: 'downloaded' | 'no-data' }>,
): ProblemError {
  switch (download.kind) {
    case 'not-ready':
      return conflict('bill-not-ready', `Alipay has not written the bill yet: ${download.why}.`);
    case 'refused': {
      const { code, why } = download;
      const detail = `Alipay gives no bill: ${code} ${why}`.slice(0, 500);
      return new ProblemError(problem('bill-refused', 422, 'No bill', detail));
    }
    case 'unclear': {
      const detail = `Nobody can say: ${download.why}`.slice(0, 500);
      return new ProblemError(problem('bill-unclear', 503, 'Alipay does not answer', detail));
    }
    default: {
      const never: never = download;
      return never;
    }
  }
}
