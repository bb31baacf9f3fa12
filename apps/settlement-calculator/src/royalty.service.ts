import { Inject, Injectable } from '@nestjs/common';
import { addDays } from '@qingfen/calendar';
import { partOf, wayMinimum } from '@qingfen/core-plan';
import { splitIntoLegs, type RoyaltySplit, type TradeRoom } from '@qingfen/core-settlement';
import { LOGGER, ServiceClient, ServiceEnv } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { invariant, minor, type Minor } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import { CapDesk } from './cap-desk.js';
import { sayPayout } from './payout-request.js';
import { PlanShelf } from './plan-shelf.js';
import { lockTrades, releaseHeldBack, statedOrders } from './royalty.store.js';
import type { Run } from './run.store.js';
import type { TaxedPayee } from './withholding.store.js';

/** Splits of one statement at most where nothing is set: each is a payout of its own. */
const legsMaxUsual = 1_000;
/** Alipay splits no trade that is finished, a year after it was paid; a few days are kept for delays. */
const periodDaysUsual = 360;

/** Splits statements into legs of their orders' trades, and asks for the rest when those have ended. */
@Injectable()
export class RoyaltyService {
  private readonly caps: CapDesk;
  private readonly legsMax: number;
  private readonly periodDays: number;

  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(ServiceClient) client: Pick<ServiceClient, 'request'>,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.caps = new CapDesk(client, logger);
    this.legsMax = env.count('ROYALTY_LEGS_MAX', legsMaxUsual);
    this.periodDays = env.count('ROYALTY_PERIOD_DAYS', periodDaysUsual);
  }

  /** Whether a run is paid by splits. Team rewards are paid out of no order's trade. */
  async isSplit(unit: Unit, run: Run): Promise<boolean> {
    if (run.kind === 'team-reward') return false;
    const versions = await this.plans.inCurrency(unit.tx, run.shop_id, run.currency);
    const plan = versions.find(({ version }) => version === run.plan_version)?.plan;
    return plan !== undefined && partOf(plan, run.kind)?.payVia === 'royalty';
  }

  /** Asks how much of a trade may be split; outside of any transaction. */
  learnCap(shopId: string): Promise<void> {
    return this.caps.learn(shopId);
  }

  /** The legs of statements that are about to be issued, by their numbers. */
  async split(
    unit: Unit,
    shopId: string,
    {
      stated,
      transferMaxMinor,
    }: {
      readonly stated: readonly Pick<TaxedPayee, 'statement_no' | 'taxed'>[];
      readonly transferMaxMinor: Minor;
    },
  ): Promise<ReadonlyMap<bigint, RoyaltySplit>> {
    if (stated.length === 0) return new Map();
    await lockTrades(unit.tx, shopId);
    const statementNos = stated.flatMap(({ statement_no: no }) => (no === null ? [] : [no]));
    const { shares, rooms } = await statedOrders(unit.tx, shopId, statementNos);
    const open = new Map<string, TradeRoom>(rooms);
    const splits = new Map<bigint, RoyaltySplit>();
    for (const { statement_no: statementNo, taxed } of stated) {
      invariant(statementNo !== null, 'a statement has a number');
      const split = splitIntoLegs(shares.get(statementNo) ?? [], open, {
        netMinor: taxed.netMinor,
        capPercent: this.caps.of(shopId),
        paidFrom: addDays(unit.now, -this.periodDays),
        legsMax: this.legsMax,
        legMaxMinor: transferMaxMinor,
        transferMinimumMinor: wayMinimum.transfer,
      });
      for (const { tradeNo, amountMinor } of split.legs) {
        const room = open.get(tradeNo);
        invariant(room !== undefined, 'a leg is one of a trade that was looked at');
        const takenMinor = minor(room.takenMinor + amountMinor);
        open.set(tradeNo, { ...room, takenMinor });
      }
      splits.set(statementNo, split);
    }
    return splits;
  }
}

/** Asks for what goes by transfer of these statements, if all their splits have ended. */
export async function askForRest(
  unit: Unit,
  statements: readonly { readonly shopId: string; readonly statementId: string }[],
): Promise<void> {
  if (statements.length === 0) return;
  for (const row of await releaseHeldBack(unit.tx, statements)) {
    sayPayout(
      unit,
      {
        shopId: row.shop_id,
        statementId: row.statement_id,
        payeeId: row.payee_id,
        kind: row.kind,
        currency: row.currency,
        period: row.period,
        issuedAt: row.issued_at,
        correlationId: row.correlation_id,
        makers: row.makers,
      },
      {
        payoutId: row.payout_id,
        part: row.part,
        parts: row.parts,
        amountMinor: minor(row.amount_minor),
        withheldMinor: minor(row.withheld_minor),
        payVia: 'transfer',
        leg: null,
      },
    );
  }
}
