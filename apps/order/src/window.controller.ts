import { Controller, Get, Param } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { problem } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { Permit, ProblemError } from '@qingfen/hosting';
import { timezoneOf, windowsOf } from './window.store.js';

/** A return window as an operator sees it. */
interface AnsweredWindow {
  readonly completedAt: string;
  readonly paidAt: string;
  /** null: no version was in force at `paidAt`. */
  readonly planVersion: number | null;
  readonly closesAt: string | null;
  /** The end that was last said, null when none was. */
  readonly saidClosesAt: string | null;
}

/** Shows what this service makes of an order: what to look at when `window-not-announced` alerts. */
@Controller('internal/shops/:shopId/return-windows')
export class WindowController {
  constructor(private readonly database: Database) {}

  @Get(':orderId')
  @Permit('viewer', 'operator', 'approver', 'admin', 'auditor')
  async read(
    @Param('shopId') shopId: string,
    @Param('orderId') orderId: string,
  ): Promise<{ shopId: string; orderId: string; windows: AnsweredWindow[] }> {
    const found = await windowsOf(this.database, { shopId, orderId });
    if (found.length === 0) {
      const detail = `No completion of order "${orderId}" was told.`;
      throw new ProblemError(problem('not-found', 404, 'Not found', detail));
    }
    const timezone = (await timezoneOf(this.database, shopId)) ?? 'Asia/Shanghai';
    const instant = (at: Date): string => formatInstant(at, timezone);
    const windows = found.map((window) => ({
      completedAt: instant(window.completedAt),
      paidAt: instant(window.paidAt),
      planVersion: window.version,
      closesAt: window.closesAt && instant(window.closesAt),
      saidClosesAt: window.saidClosesAt && instant(window.saidClosesAt),
    }));
    return { shopId, orderId, windows };
  }
}
