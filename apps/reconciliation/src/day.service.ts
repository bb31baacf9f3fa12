import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { topics } from '@qingfen/contracts';
import { billReadyAt, dayEnd, nextTryAt } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { LOGGER } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import { BillService, type Fetched } from './bill.service.js';
import { balanceBefore, lastBill, type Bill, type ShopDay } from './bill.store.js';
import { BookingService } from './booking.service.js';
import { ComparisonService, type Compared } from './comparison.service.js';
import { countDifferences } from './difference.store.js';
import { DifferenceService } from './difference.service.js';
import {
  finishDay,
  lastReadDay,
  lookAgainAfter,
  noteBillThere,
  putOff,
  type DayRow,
} from './day.store.js';
import { Heard } from './heard.js';
import { TooMany } from './too-many.js';

/** How a look at a day ended: done, laid aside, or to be taken up again at once. */
export type Looked = 'done' | 'put-off' | 'again';

/** So often a bill is asked for before somebody is told that it is late: nearly two hours. */
const triesBeforeAlert = 4;

type Result = Pick<Compared, 'counts' | 'clearing'>;

const nothingCompared: Result = {
  counts: { orders: 0, entries: 0, statements: 0n, payouts: 0n },
  clearing: { orders: 0n, settled: 0n, waiting: 0n, openMinor: 0n },
};

/** Compares one day of one shop, from the bill to the report. Every step may be done again. */
@Injectable()
export class DayService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Heard) private readonly heard: Pick<Heard, 'everything'>,
    @Inject(BillService) private readonly bills: BillService,
    @Inject(ComparisonService) private readonly comparison: ComparisonService,
    @Inject(DifferenceService) private readonly differences: DifferenceService,
    @Inject(BookingService) private readonly bookings: BookingService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async reconcile(row: DayRow): Promise<Looked> {
    if (row.wantsBill) {
      const fetched = await this.bills.fetch(row);
      if (fetched.kind === 'unreachable') return this.unreachable(row, fetched.why);
      if (fetched.kind !== 'there') return this.putOff(row, fetched);
      failpoint('bill-kept');
      await noteBillThere(this.database, row);
    }
    const bill = await lastBill(this.database, row, 'readable');
    if (bill === null) return this.putOff(row, { kind: 'not-ready', why: 'there is no bill' });
    if (!(await this.heard.everything())) return 'again';
    if (await this.isQuiet(row, bill)) {
      await this.finish(row, bill, nothingCompared);
      return 'done';
    }
    const lastDay = (await lastReadDay(this.database, row.shopId)) ?? row.day;
    try {
      const compared = await this.comparison.compare(row, lastDay);
      await this.settle(row, bill, compared);
      return 'done';
    } catch (error) {
      if (!(error instanceof TooMany)) throw error;
      return this.putOff(row, { kind: 'refused', why: error.message });
    }
  }

  /**
   * Whether nothing moved and nothing was told, and nothing is open from other days: then there is nothing to
   * compare but the balance. Most shops have such days, and they cost a fraction of the others.
   */
  private async isQuiet(row: DayRow, bill: Bill): Promise<boolean> {
    const isFirstLook = row.completions === 0 && bill.version === 1;
    if (!isFirstLook || bill.lineCount > 0) return false;
    return !(await this.comparison.isAnythingToCompare(row));
  }

  /** What was found is kept and told to the ledger, and then the balance is to agree. */
  private async settle(row: DayRow, bill: Bill, compared: Compared): Promise<void> {
    const { shopId, day } = row;
    const merged = await this.units.run((unit) => {
      return this.differences.note(unit, row, compared);
    });
    failpoint('differences-noted');
    await this.bookings.bookDay(row, bill);
    await this.bookings.bookDifferences(shopId);
    failpoint('day-booked');
    await this.finish(row, bill, compared);
    const { opened, changed, cleared } = merged;
    const moved = { opened: opened.length, changed: changed.length, cleared: cleared.length };
    this.logger.info({ shopId, day, lines: bill.lineCount, ...moved }, 'day reconciled');
  }

  private async finish(row: DayRow, bill: Bill, compared: Result): Promise<void> {
    const { shopId, day } = row;
    const ledgerMinor = await this.bookings.ledgerAt(shopId, dayEnd(day));
    const before = await balanceBefore(this.database, row);
    // A day without a movement ends as it began.
    const alipayMinor = bill.closingMinor ?? before?.closingMinor ?? ledgerMinor;
    await this.units.run(async (unit) => {
      const counts = { ...compared.counts, billLines: bill.lineCount };
      const balance = { ledgerMinor, alipayMinor };
      const { clearing } = compared;
      await finishDay(unit.tx, row, { ...counts, ...balance, clearing, at: unit.now });
      if (row.completions === 0) await lookAgainAfter(unit.tx, row, unit.now);
      judgeBalance(unit, row, balance);
      endBillAlerts(unit, row);
      unit.say({
        topic: topics.reconciliationCompleted,
        key: shopId,
        // Done again it is another event: a newer bill, or somebody has asked for it.
        id: `${shopId}:${day}:${row.completions + 1}`,
        data: {
          shopId,
          day,
          counts: {
            orders: counts.orders,
            entries: counts.entries,
            statements: Number(counts.statements),
            payouts: Number(counts.payouts),
            billLines: counts.billLines,
          },
          differenceCount: await countDifferences(unit.tx, shopId, day),
        },
      });
    });
    failpoint('day-finished');
  }

  /** The part that is missing comes back by itself, or Alipay does: on business time, as all else. */
  private async unreachable(row: DayRow, why: string): Promise<Looked> {
    this.logger.warn({ shopId: row.shopId, day: row.day, why }, 'no bill could be fetched');
    return this.putOff(row, { kind: 'not-ready', why });
  }

  private async putOff(row: DayRow, fetched: Exclude<Fetched, { kind: 'there' }>): Promise<Looked> {
    const now = this.clock.begunUntil();
    const tries = row.tries + 1;
    const until = nextTryAt(tries, now < billReadyAt(row.day) ? billReadyAt(row.day) : now);
    await this.units.run(async (unit) => {
      await putOff(unit.tx, row, { until, tries, why: fetched.why });
      if (fetched.kind === 'unreadable') unreadable(unit, row, fetched.why);
      else if (tries >= triesBeforeAlert || fetched.kind === 'refused')
        late(unit, row, fetched.why);
    });
    return 'put-off';
  }
}

function subjectOf({ shopId, day }: ShopDay): { readonly type: string; readonly id: string } {
  return { type: 'bill', id: `${shopId}:${day}` };
}

function late(unit: Unit, row: DayRow, why: string): void {
  unit.alert({
    class: 'bill-late',
    severity: 'warning',
    shopId: row.shopId,
    subject: subjectOf(row),
    message: `The bill of ${row.day} is not there, so the day is not reconciled: ${why}`.slice(
      0,
      900,
    ),
    messageZh: `${row.day} 的账单未取得，当日未对账：${why}`.slice(0, 900),
  });
}

function unreadable(unit: Unit, row: DayRow, why: string): void {
  unit.alert({
    class: 'bill-unreadable',
    severity: 'warning',
    shopId: row.shopId,
    subject: subjectOf(row),
    message: `The file of the bill of ${row.day} is not believed: ${why}`.slice(0, 900),
    messageZh: `${row.day} 的账单文件不可信：${why}`.slice(0, 900),
  });
}

function endBillAlerts(unit: Unit, row: DayRow): void {
  unit.resolveAlert('bill-late', subjectOf(row), row.shopId);
  unit.resolveAlert('bill-unreadable', subjectOf(row), row.shopId);
}

function judgeBalance(
  unit: Unit,
  row: DayRow,
  { ledgerMinor, alipayMinor }: { readonly ledgerMinor: bigint; readonly alipayMinor: bigint },
): void {
  const subject = { type: 'balance', id: row.shopId };
  if (ledgerMinor === alipayMinor) {
    unit.resolveAlert('balance-differs', subject, row.shopId);
    return;
  }
  const yuan = (fen: bigint): string => formatAmount(minor(fen), 'CNY');
  const sides = [yuan(ledgerMinor), yuan(alipayMinor)];
  unit.alert({
    class: 'balance-differs',
    severity: 'critical',
    shopId: row.shopId,
    subject,
    message: `At the end of ${row.day} the ledger has ${sides[0]} and Alipay ${sides[1]} CNY.`,
    messageZh: `${row.day} 日终账簿余额 ${sides[0]} 元，支付宝余额 ${sides[1]} 元。`,
  });
}
