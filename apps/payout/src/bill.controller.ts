import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { BillDownload, LogReading } from '@qingfen/alipay';
import { isDay, parseInstant } from '@qingfen/calendar';
import {
  accountLogQuerySchema,
  problem,
  type AccountLog,
  type AlipayShops,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  conflict,
  notFound,
  PermitService,
  ProblemError,
  queryOf,
  ServiceEnv,
} from '@qingfen/hosting';
import { formatAmount } from '@qingfen/money';
import type { Response } from 'express';
import type { Merchant } from './merchant.js';
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

  /** The account's log of a span, whole; Alipay is asked for at most so many lines. */
  @Get('shops/:shopId/alipay/account-log')
  async accountLog(@Param('shopId') shopId: string, @Query() query: unknown): Promise<AccountLog> {
    const { from, to } = queryOf(accountLogQuerySchema, query);
    const merchant = await this.merchantOf(shopId);
    const reading = await merchant.accountLog({
      ...{ from: parseInstant(from), to: parseInstant(to) },
      linesMax: this.env.count('ACCOUNT_LOG_LINES_MAX', 10_000),
    });
    if (reading.kind === 'too-many') return { movements: null };
    if (reading.kind === 'read') return { movements: reading.movements.map(movementView) };
    throw logProblemOf(reading);
  }

  private async merchantOf(shopId: string): Promise<Merchant> {
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) throw notFound('The shop has no Alipay credentials.');
    return merchant;
  }

  private async download(shopId: string, day: string): Promise<BillDownload> {
    const merchant = await this.merchantOf(shopId);
    return merchant.bill({
      day,
      bytesMax: this.env.count('BILL_BYTES_MAX', 256 * 1024 * 1024),
      timeoutMs: this.env.count('BILL_DOWNLOAD_TIMEOUT_MS', 60_000),
      triesMax: this.env.count('BILL_DOWNLOAD_TRIES', 3),
    });
  }
}

type ReadLog = Extract<LogReading, { kind: 'read' }>;
type Movements = NonNullable<AccountLog['movements']>;

/** Texts are Alipay's: what is longer than anybody needs is cut. */
function movementView(one: ReadLog['movements'][number]): Movements[number] {
  const { logNo, outNo, at, amountMinor, kind, account, title } = one;
  return {
    ...{ logNo, outNo: outNo.slice(0, 64), kind: kind.slice(0, 64) },
    ...{ at: at.toISOString(), amount: formatAmount(amountMinor, 'CNY') },
    ...{ account: account.slice(0, 200), title: title.slice(0, 300) },
  };
}

function logProblemOf(reading: Extract<LogReading, { kind: 'refused' | 'unclear' }>): ProblemError {
  const why = reading.kind === 'refused' ? `${reading.code} ${reading.why}` : reading.why;
  const detail = `Alipay gives no account log: ${why}`.slice(0, 500);
  return reading.kind === 'refused'
    ? new ProblemError(problem('account-log-refused', 422, 'No account log', detail))
    : new ProblemError(problem('account-log-unclear', 503, 'Alipay does not answer', detail));
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
