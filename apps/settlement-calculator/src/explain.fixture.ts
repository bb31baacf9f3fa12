import type { Payout, ReplayPage, WhyUnpaid } from '@qingfen/contracts';
import type { Books } from './books.fixture.js';
import { EntryExplainer } from './entry-explainer.js';
import { ExplanationAlarm } from './explanation-alarm.js';
import { ExplanationService } from './explanation.service.js';
import { user } from './manual.fixture.js';
import { PayoutDesk } from './payout-desk.js';
import { PayoutExplanationService } from './payout-explanation.service.js';
import { PlanShelf } from './plan-shelf.js';
import { ReplayService } from './replay.service.js';
import { StatementExplanationService } from './statement-explanation.service.js';
import { WhyUnpaidService } from './why-unpaid.service.js';

const firstPage = { limit: 100, cursor: undefined };

/** The rooms that explain, over the same books; what payout knows is said by the spec. */
export class Explaining {
  readonly explanations: ExplanationService;
  readonly statements: StatementExplanationService;
  /** What payout answers, by payout id. */
  readonly payouts = new Map<string, Payout>();
  private readonly payoutExplanations: PayoutExplanationService;
  private readonly replays: ReplayService;
  private readonly unpaid: WhyUnpaidService;

  constructor(private readonly books: Books) {
    const { database, clock, units } = books;
    const plans = new PlanShelf();
    const alarm = new ExplanationAlarm(database, units);
    const explainer = new EntryExplainer(plans);
    const desk = new PayoutDesk({ request: (call) => this.answer(call.path) });
    this.explanations = new ExplanationService(database, clock, plans, explainer, alarm);
    this.statements = new StatementExplanationService(database, clock, explainer, alarm);
    this.payoutExplanations = new PayoutExplanationService(database, desk, this.statements, alarm);
    this.replays = new ReplayService(database, clock, plans, alarm);
    this.unpaid = new WhyUnpaidService(database, clock, plans, desk, books.rollouts);
  }

  /** All pages of a replay: what was looked at, and the differences in words. */
  async replay(
    shopId: string,
    limit = 3,
  ): Promise<{ readonly checked: ReplayPage['checked']; readonly differences: string[] }> {
    const checked = { orders: 0, entries: 0, performances: 0, statements: 0 };
    const differences: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.replays.page(shopId, { limit, cursor });
      for (const part of Object.keys(checked) as (keyof typeof checked)[]) {
        checked[part] += page.checked[part];
      }
      differences.push(
        ...page.differences.map(({ subject, what, expected, booked }) => {
          return `${subject.type} ${what}: ${expected} but ${booked}`;
        }),
      );
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return { checked, differences };
  }

  entry(shopId: string, entryId: string): ReturnType<ExplanationService['entry']> {
    return this.explanations.entry(shopId, entryId, firstPage);
  }

  statement(shopId: string, id: string): ReturnType<StatementExplanationService['statement']> {
    return this.statements.statement(shopId, id, firstPage);
  }

  payout(shopId: string, payoutId: string): ReturnType<PayoutExplanationService['payout']> {
    return this.payoutExplanations.payout(user('vera'), { shopId, payoutId, page: firstPage });
  }

  why(shopId: string, payeeId: string): Promise<WhyUnpaid> {
    return this.unpaid.ask(user('vera'), { shopId, payeeId, query: {} });
  }

  /** Alerts of the class that are raised, as `type id`. */
  async alarms(shopId: string): Promise<string[]> {
    const rows = await this.books.database.query<{ row: string }>(
      `SELECT subject_type || ' ' || subject_id AS row FROM alert
        WHERE shop_id = $1 AND class = 'explanation-differs' AND state = 'raised' ORDER BY 1`,
      [shopId],
    );
    return rows.map(({ row }) => row);
  }

  private answer<T>(path: string): Promise<{ status: number; body: T; headers: Headers }> {
    const url = new URL(path, 'http://payout');
    const headers = new Headers();
    const payoutId = /\/payouts\/(.+)$/.exec(url.pathname)?.[1];
    if (payoutId !== undefined) {
      const payout = this.payouts.get(payoutId);
      return Promise.resolve({
        status: payout === undefined ? 404 : 200,
        body: payout as T,
        headers,
      });
    }
    const payeeId = url.searchParams.get('payeeId');
    const items = [...this.payouts.values()].filter((one) => one.payeeId === payeeId);
    return Promise.resolve({ status: 200, body: { items, nextCursor: null } as T, headers });
  }
}
