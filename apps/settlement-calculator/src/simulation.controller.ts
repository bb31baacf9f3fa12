import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { RiskLimits } from '@qingfen/approvals';
import { parseInstant } from '@qingfen/calendar';
import {
  pageQuery,
  problem,
  simulateBody,
  type SimulateBody,
  type Simulation,
} from '@qingfen/contracts';
import { payoutRatioWarning, readPlan, type Plan, type PlanWarning } from '@qingfen/core-plan';
import { Database } from '@qingfen/database';
import {
  bodyOf,
  cursorAt,
  invalid,
  notFound,
  Permit,
  placeAfter,
  placePart,
  ProblemError,
  queryOf,
  ServiceEnv,
} from '@qingfen/hosting';
import { formatAmount, minor, sumMinor } from '@qingfen/money';
import { canonicalJson, sha256Hex } from '@qingfen/security';
import { SimulationService, type SimulationResult } from './simulation.service.js';
import {
  findSimulation,
  keepSimulation,
  keptItems,
  type KeptItem,
  type SimulationHead,
} from './simulation.store.js';

/** What a plan would owe for past orders, before it is published (R-RUL-7). */
@Controller('internal/shops/:shopId/plans/simulate')
export class SimulationController {
  private readonly levelsMax: number;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SimulationService) private readonly simulations: SimulationService,
    @Inject(RiskLimits) private readonly risk: Pick<RiskLimits, 'of'>,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
  ) {
    this.levelsMax = env.count('QINGFEN_LEVELS_MAX', 3);
  }

  /** Answers the first page; `cursor`, with the same body again, the pages behind it, for an hour. */
  @Post()
  @HttpCode(200)
  @Permit('operator', 'approver', 'admin')
  async simulate(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
    @Body() given: unknown,
  ): Promise<Simulation> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const body = bodyOf(simulateBody, given);
    const plan = this.judged(body);
    const requestHash = sha256Hex(canonicalJson(body));
    const place = placeAfter(cursor, [placePart.id, placePart.number]);
    if (place !== null) return this.pageBehind(place, { shopId, requestHash, limit });
    const { from, to } = { from: parseInstant(body.from), to: parseInstant(body.to) };
    const result = await this.simulations.simulate({ shopId, plan, from, to });
    switch (result.kind) {
      case 'done':
        return this.firstPage(result, plan, { shopId, requestHash, limit });
      case 'no-shop':
        throw notFound(`There is no shop "${shopId}".`);
      case 'too-many-orders':
        throw tooManyOrders(result.ordersMax);
      case 'busy':
        throw busy();
      default: {
        const never: never = result;
        return never;
      }
    }
  }

  private judged({ plan, from, to }: SimulateBody): Plan {
    const reading = readPlan(plan, { levelsMax: this.levelsMax });
    const errors =
      reading.kind === 'ok'
        ? []
        : reading.problems.map(({ pointer, message, messageZh }) => {
            return { pointer: `/plan${pointer}`, message, messageZh };
          });
    if (parseInstant(from) >= parseInstant(to)) errors.push(endsTooEarly);
    if (reading.kind === 'ok' && errors.length === 0) return reading.plan;
    throw invalid(errors);
  }

  private async firstPage(
    { orders, items, warnings }: SimulationResult,
    plan: Plan,
    page: { readonly shopId: string; readonly requestHash: string; readonly limit: number },
  ): Promise<Simulation> {
    const { currency } = plan;
    const [owed, owedNow] = [
      sumMinor(items.map(({ owedMinor }) => owedMinor)),
      sumMinor(items.map(({ owedNowMinor }) => owedNowMinor)),
    ];
    const head: SimulationHead = {
      currency,
      orders,
      totals: amountsOf({ owedMinor: owed, owedNowMinor: owedNow }, currency),
      warnings: [...(await this.guardRail(page.shopId, plan)), ...warnings].map((warning) => {
        return { ...warning, pointer: warning.pointer === '' ? '' : `/plan${warning.pointer}` };
      }),
    };
    const rows = items.map((item) => ({
      payee_id: item.payeeId,
      kind: item.kind,
      owed_minor: item.owedMinor,
      owed_now_minor: item.owedNowMinor,
    }));
    if (rows.length <= page.limit) return shown(head, rows, null);
    const simulationId = `si_${randomUUID()}`;
    const kept = { shopId: page.shopId, simulationId, requestHash: page.requestHash, head };
    await this.database.transaction((tx) => keepSimulation(tx, kept, rows));
    return shown(head, rows.slice(0, page.limit), cursorAt([simulationId, String(page.limit)]));
  }

  /** What publishing it would want first. */
  private async guardRail(shopId: string, plan: Plan): Promise<readonly PlanWarning[]> {
    if (plan.commission === undefined) return [];
    const { payoutRatioMaxPpm } = await this.risk.of(shopId);
    const warning = payoutRatioWarning(plan, payoutRatioMaxPpm);
    return warning === undefined ? [] : [warning];
  }

  private async pageBehind(
    [simulationId = '', placeText = '']: readonly string[],
    page: { readonly shopId: string; readonly requestHash: string; readonly limit: number },
  ): Promise<Simulation> {
    const { shopId, requestHash, limit } = page;
    const head = await findSimulation(this.database, { shopId, simulationId, requestHash });
    if (head === undefined) throw goneCursor();
    const from = Number(placeText);
    const rows = await keptItems(
      this.database,
      { shopId, simulationId },
      { from, limit: limit + 1 },
    );
    const next = rows.length > limit ? cursorAt([simulationId, String(from + limit)]) : null;
    return shown(head, rows.slice(0, limit), next);
  }
}

function shown(
  { currency, ...head }: SimulationHead,
  rows: readonly KeptItem[],
  nextCursor: string | null,
): Simulation {
  const items = rows.map((row) => ({
    payeeId: row.payee_id,
    kind: row.kind,
    currency,
    ...amountsOf({ owedMinor: row.owed_minor, owedNowMinor: row.owed_now_minor }, currency),
  }));
  return { ...head, items, nextCursor };
}

function amountsOf(
  of: { readonly owedMinor: bigint; readonly owedNowMinor: bigint },
  currency: string,
): Simulation['totals'] {
  return {
    owed: formatAmount(minor(of.owedMinor), currency),
    owedNow: formatAmount(minor(of.owedNowMinor), currency),
    difference: formatAmount(minor(of.owedMinor - of.owedNowMinor), currency),
  };
}

const endsTooEarly = {
  pointer: '/to',
  message: 'must lie after "from": orders paid from "from" on and before "to" are simulated.',
  messageZh: '必须晚于 "from"：模拟的是付款时间不早于 "from" 且早于 "to" 的订单。',
};

function tooManyOrders(ordersMax: number): ProblemError {
  return invalid([
    {
      pointer: '/from',
      message: `More than ${ordersMax} orders were paid in this time; simulate a shorter one.`,
      messageZh: `该时间段内的订单超过 ${ordersMax} 笔；请缩短时间段。`,
    },
  ]);
}

function busy(): ProblemError {
  const detail = 'Other simulations are under way; try again in a few seconds.';
  const body = problem('too-many-requests', 429, 'Too many at once', detail);
  return new ProblemError(body, { 'Retry-After': '5' });
}

function goneCursor(): ProblemError {
  const detail = 'cursor: its simulation is older than an hour, or was of another plan or time.';
  return new ProblemError(problem('bad-query', 400, 'Bad query', detail));
}
