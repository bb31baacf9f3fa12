import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { addDays } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { Database, isInfrastructureError } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { LOGGER, StatusBoard, TopicBarrier } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { WorkCounter, withCorrelation, type Logger } from '@qingfen/telemetry';
import { AccrualService } from './accrual.service.js';
import { ClosingService } from './closing.service.js';
import { closingsDue } from './rollout.store.js';
import { groups } from './groups.js';
import { anyCaughtUp, endAhead } from './odd-orders.js';
import { PlanShelf } from './plan-shelf.js';
import { RoyaltyService } from './royalty.service.js';
import { RunService, runSubject } from './run.service.js';
import { lacksEvidence, unfinishedRuns, type Run } from './run.store.js';
import { teamsLackEvidence } from './team.store.js';
import { RebindingService } from './rebinding.service.js';
import { rebindingsDue } from './rebinding.store.js';
import { anyOrderMissed, missOrders } from './refund.store.js';
import { anythingDue, planDueRuns, scheduleStatus } from './schedule.store.js';

const idlePollMs = 500;
const waitingPollMs = 20;
const bindAtOnce = 500;
const runsAtOnce = 20;
/** Chunks of one run that this process has under way at a time. */
const lanesAtOnce = 2;
const missedAfterDays = 7;
const evidencePatienceSeconds = 30 * 60;
const eventsPatienceSeconds = 30 * 60;

/** What a run waits for before it looks at money: refunds told before it must have been heard. */
const upstreamTopics = [
  'order-completed',
  'order-refunded',
  'order-refund-reversed',
  'order-disputed',
  'order-dispute-resolved',
  'payee-upserted',
] as const;

/** What binds orders that came before it. */
const planTopics = ['settlement-plan-published', 'shop-upserted'] as const;

/** Works at its own pace: binds what waited for a plan, notes runs that are due, executes them. */
@Injectable()
export class RunWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopped = false;
  /** How far shops and plans had been applied when orders without one were last looked at. */
  private boundUpTo: bigint | null = null;
  private awake: (() => void) | null = null;
  private loop: Promise<void> = Promise.resolve();
  private forgetClock: () => void = () => undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TopicBarrier) private readonly barrier: TopicBarrier,
    @Inject(StatusBoard) private readonly board: StatusBoard,
    @Inject(WorkCounter) private readonly work: WorkCounter,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(AccrualService) private readonly accrual: AccrualService,
    @Inject(RebindingService) private readonly rebinding: RebindingService,
    @Inject(ClosingService) private readonly closing: ClosingService,
    @Inject(RunService) private readonly runs: RunService,
    @Inject(RoyaltyService) private readonly royalties: RoyaltyService,
  ) {}

  onApplicationBootstrap(): void {
    this.board.contribute(async () => {
      const [status, rebindings, closings, applied] = await Promise.all([
        scheduleStatus(this.database, {
          now: this.clock.now(),
          begunUntil: this.clock.begunUntil(),
        }),
        rebindingsDue(this.database),
        closingsDue(this.database),
        this.plansApplied(),
      ]);
      const unbound = applied === this.boundUpTo ? 0 : 1;
      return {
        runsDue: status.due + status.unfinished + rebindings + closings + unbound,
        nextDueAt: status.nextAt,
        holdingUp: status.unfinished === 0 ? [] : [`${status.unfinished} runs are not finished`],
      };
    });
    this.forgetClock = this.clock.onBegin(() => {
      this.wake();
    });
    this.loop = this.keepWorking();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.forgetClock();
    this.wake();
    await this.loop;
  }

  wake(): void {
    this.awake?.();
  }

  private async keepWorking(): Promise<void> {
    while (!this.stopped) {
      let waiting = false;
      try {
        waiting = await this.round();
      } catch (error) {
        if (isInfrastructureError(error)) this.logger.warn({ err: error }, 'runs wait for a part');
        else this.logger.error({ err: error }, 'a run failed; it is tried again');
      }
      await this.rest(waiting ? waitingPollMs : idlePollMs);
    }
  }

  /** @returns whether a run waits for something that may come any moment. */
  private async round(): Promise<boolean> {
    await this.bindWaiting();
    await this.rebind();
    await this.missOrders();
    await this.catchUp();
    await this.planDue();
    await this.closeOutside();
    let waiting = false;
    for (const run of await unfinishedRuns(this.database, runsAtOnce)) {
      const correlationId = `run:${run.shop_id}:${run.kind}:${run.period}`;
      const done = await withCorrelation({ correlationId }, () => this.execute(run));
      waiting ||= !done;
    }
    return waiting || (await unfinishedRuns(this.database, 1)).length > 0;
  }

  /**
   * Orders that waited for a shop or a plan may be bound by one that came. That something came is read
   * from the database: whichever replica applied it, all of them look, and none may die with it.
   */
  private async bindWaiting(): Promise<void> {
    const applied = await this.plansApplied();
    if (applied === this.boundUpTo) return;
    let bound = bindAtOnce;
    while (bound === bindAtOnce && !this.stopped) {
      bound = await this.units.run((unit) => this.accrual.bindWaiting(unit, bindAtOnce));
      if (bound > 0) this.work.begin(bound);
    }
    // What another replica has in its hands was waited for: it is bound, or was ours to bind.
    if (bound < bindAtOnce) this.boundUpTo = applied;
  }

  private plansApplied(): Promise<bigint> {
    return this.barrier.applied(groups.rest, planTopics);
  }

  /** Before runs are noted: what a version that came late owes differs from what stands. */
  private async rebind(): Promise<void> {
    while (!this.stopped && (await rebindingsDue(this.database)) > 0) {
      const count = await this.units.run((unit) => this.rebinding.rebind(unit, bindAtOnce));
      if (count > 0) this.work.begin(count);
      else return;
    }
  }

  /** Before runs: what is settled elsewhere must not be stated by one of them. */
  private async closeOutside(): Promise<void> {
    let isAnythingDue = (await closingsDue(this.database)) > 0;
    while (isAnythingDue && !this.stopped) {
      this.work.begin();
      isAnythingDue = await this.units.run((unit) => this.closing.chunk(unit));
    }
  }

  /** Refunds whose order has not come for a week: somebody should ask the order system. */
  private async missOrders(): Promise<void> {
    const heardBefore = addDays(this.clock.begunUntil(), -missedAfterDays);
    if (!(await anyOrderMissed(this.database, heardBefore))) return;
    await this.units.run(async (unit) => {
      for (const row of await missOrders(unit.tx, heardBefore, bindAtOnce)) {
        unit.alert({
          class: 'refund-without-order',
          severity: 'warning',
          shopId: row.shop_id,
          subject: { type: 'order', id: row.order_id },
          message: `Refund ${row.refund_id} was told 7 days ago and its order ${row.order_id} has not come.`,
          messageZh: `退款 ${row.refund_id} 已收到 7 天,其订单 ${row.order_id} 仍未到达。`,
        });
      }
    });
  }

  /** The clock has passed events that lay ahead of it. */
  private async catchUp(): Promise<void> {
    const now = this.clock.begunUntil();
    if (!(await anyCaughtUp(this.database, now))) return;
    await this.units.run((unit) => endAhead(unit, now));
  }

  private async planDue(): Promise<void> {
    const until = this.clock.begunUntil();
    while (await anythingDue(this.database, until)) {
      this.work.begin();
      const ends = JSON.stringify(await this.topicEnds());
      await this.units.run((unit) => planDueRuns(unit.tx, this.plans, until, ends));
    }
  }

  private async topicEnds(): Promise<Record<string, Record<string, string>>> {
    const ends = await this.barrier.endsOf(upstreamTopics);
    return Object.fromEntries(
      [...ends].map(([topic, offsets]) => [
        topic,
        Object.fromEntries([...offsets].map(([p, end]) => [String(p), String(end)])),
      ]),
    );
  }

  /** @returns false when the run has to wait. */
  private async execute(run: Run): Promise<boolean> {
    let lacking = false;
    if (run.state === 'due') {
      if (!(await this.eventsHeard(run))) return false;
      lacking =
        (await lacksEvidence(this.database, run)) ||
        (run.kind === 'team-reward' && (await teamsLackEvidence(this.database, run)));
      if (lacking && run.waited_seconds < evidencePatienceSeconds) return false;
    }
    this.work.begin();
    const lanes = await this.units.run((unit) => this.runs.begin(unit, run, lacking));
    if (lanes > 0 && (await this.units.run((unit) => this.royalties.isSplit(unit, run)))) {
      await this.royalties.learnCap(run.shop_id);
    }
    const workers = Array.from({ length: Math.min(lanes, lanesAtOnce) }, () => this.state(run));
    // All of them end before one that failed is told of: none may go on unseen.
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return ends.some((end) => end.status === 'fulfilled' && end.value);
  }

  /** States payees, chunk by chunk, lane after lane. @returns whether the run ended with it. */
  private async state(run: Run): Promise<boolean> {
    while (!this.stopped) {
      const came = await this.units.run(async (unit) => {
        const chunk = await this.runs.chunk(unit, run);
        failpoint('chunk-stated');
        return chunk;
      });
      failpoint('chunk-committed');
      if (came !== 'stated') return came === 'ended';
    }
    return false;
  }

  private async eventsHeard(run: Run): Promise<boolean> {
    for (const [topic, offsets] of Object.entries(run.topic_ends)) {
      const group = topic === 'payee-upserted' ? groups.rest : groups.orders;
      const ends = new Map(Object.entries(offsets).map(([p, end]) => [Number(p), BigInt(end)]));
      if (await this.barrier.reached(group, topic, ends)) continue;
      if (run.waited_seconds > eventsPatienceSeconds) await this.alertWaiting(run);
      return false;
    }
    return true;
  }

  private async alertWaiting(run: Run): Promise<void> {
    await this.units.run((unit) => {
      unit.alert({
        class: 'run-waits-for-events',
        severity: 'critical',
        shopId: run.shop_id,
        subject: runSubject(run),
        message: `Run ${run.kind} ${run.period} has waited 30 minutes for events that stood on the topics when it was due.`,
        messageZh: `结算批次 ${run.kind} ${run.period} 等待消息处理已超过 30 分钟。`,
      });
      return Promise.resolve();
    });
  }

  private rest(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      this.awake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
