import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { isDay } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import {
  problem,
  reconciliationBody,
  type Reconciliation,
  type ReconciliationBegun,
} from '@qingfen/contracts';
import { billReadyAt } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import {
  audit,
  bodyOf,
  CallerIs,
  conflict,
  notFound,
  Permit,
  ProblemError,
  readers,
} from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { BillService, type Fetched } from './bill.service.js';
import { lastBill } from './bill.store.js';
import { findDay, makeDue, timezoneOf } from './day.store.js';
import { differencesOf } from './difference.store.js';
import { ReconciliationWorker } from './reconciliation.worker.js';
import { reconciliationView } from './report.view.js';

const differencesShown = 10_000;

/** A day compared with Alipay's bill, asked for and shown. */
@Controller('internal/shops/:shopId/reconciliations')
export class ReconciliationController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(BillService) private readonly bills: Pick<BillService, 'fetch'>,
    @Inject(ReconciliationWorker) private readonly worker: Pick<ReconciliationWorker, 'wake'>,
  ) {}

  /** Asks Alipay for the bill first: whoever waits for a report learns at once that there is none. */
  @Post()
  @HttpCode(202)
  @Permit('operator')
  async begin(
    @Param('shopId') shopId: string,
    @Body() body: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ReconciliationBegun> {
    const { day } = bodyOf(reconciliationBody, body);
    if (this.clock.now() < billReadyAt(day)) {
      throw conflict('bill-not-ready', `The bill of ${day} is there from 09:00 of the next day.`);
    }
    if ((await timezoneOf(this.database, shopId)) === null)
      throw notFound('There is no such shop.');
    const fetched = await this.bills.fetch({ shopId, day });
    if (fetched.kind !== 'there') throw withoutBill(fetched);
    await this.units.run(async (unit) => {
      const before = await findDay(unit.tx, { shopId, day });
      await makeDue(unit.tx, { shopId, day }, { now: unit.now, wantsBill: false });
      await audit(unit.tx, {
        caller,
        action: 'reconciliation.begin',
        subject: { type: 'day', id: day },
        shopId,
        before: before && { state: before.state, completions: before.completions },
        after: { state: 'due' },
        reason: null,
        at: unit.now,
      });
    });
    this.worker.wake();
    return { day, state: 'running' };
  }

  @Get(':day')
  @Permit(...readers)
  async read(@Param('shopId') shopId: string, @Param('day') day: string): Promise<Reconciliation> {
    const row = isDay(day) ? await findDay(this.database, { shopId, day }) : null;
    if (row === null) throw notFound(`The day ${day} was not compared.`);
    const limit = differencesShown;
    const [bill, differences, timezone] = await Promise.all([
      lastBill(this.database, row, 'any'),
      differencesOf(this.database, { shopId, day, limit }),
      timezoneOf(this.database, shopId),
    ]);
    const showing = { timezone: timezone ?? 'Asia/Shanghai', now: this.clock.now() };
    return reconciliationView(row, { bill, differences, showing });
  }
}

/** 409 by what is the matter with the bill; 503 where nobody could be asked. */
function withoutBill({ kind, why }: Exclude<Fetched, { kind: 'there' }>): ProblemError {
  const detail = why.slice(0, 500);
  if (kind !== 'unreachable') return conflict(`bill-${kind}`, detail);
  return new ProblemError(problem('bill-unclear', 503, 'Alipay does not answer', detail));
}
