import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceEnv } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { unfinishedIn } from '../status/decide-idle.js';
import { QuietWatch } from '../status/quiet-watch.js';
import type { ServiceSight, Sweep } from '../status/sweep.js';
import { Sweeper } from '../status/sweeper.js';
import { advance, takenOver, type Move } from './clock-move.js';
import { ClockOrders } from './clock-orders.js';
import { endMove, keepMove, releaseMove, saveStep, startClockAt, takeMove } from './clock.store.js';

const lookForMovesMs = 500;
const firstPauseMs = 15;
const longestPauseMs = 100;
/** Before the look that may be the last one. */
const cleanPauseMs = 5;
/** Part of the time waited that may pass unseen at its end: looking takes from those who work. */
const unseenPart = 0.2;
const keepEveryMs = 1_000;

/** Another gateway has taken the move over, or this one stops: nothing of it may be done any more. */
class MoveLost extends Error {
  override readonly name = 'MoveLost';
}

/**
 * Carries moves of the virtual clock out, one step after the other, each written down before anybody
 * is told of it; so any gateway can go on where another one died.
 */
@Injectable()
export class ClockMover implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly mover: string;
  private readonly stopping = new AbortController();
  private wakeUp: (() => void) | null = null;
  private readonly waiters = new Set<() => void>();
  private running: Promise<void> = Promise.resolve();
  private keptAtMs = 0;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceEnv) env: ServiceEnv,
    @Inject(Sweeper) private readonly sweeper: Sweeper,
    @Inject(ClockOrders) private readonly orders: ClockOrders,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.mover = `${env.instance}-${randomUUID()}`;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.clock.mode !== 'virtual') return;
    await startClockAt(this.database, this.clock.now());
    this.running = this.run();
  }

  /** From now on no move is carried out here; who waits for one is told that it goes on. */
  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Before the server closes: it waits for the calls that wait for a move. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.wake();
    this.tellWaiters();
    await this.running;
  }

  /** Resolves when a move has ended here, or the mover stops; after `mostMs` at the latest. */
  ended(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.waiters.delete(over);
        resolve();
      };
      const timer = setTimeout(over, mostMs);
      this.waiters.add(over);
    });
  }

  /** A move was begun: look at once. */
  wake(): void {
    this.wakeUp?.();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const move = await takeMove(this.database, this.mover);
        if (move !== null) await this.carryOut(takenOver(move));
      } catch (err) {
        if (!(err instanceof MoveLost)) this.logger.warn({ err }, 'a move of the clock waits');
      }
      if (!this.isStopping) await this.untilWoken();
    }
    await releaseMove(this.database, this.mover).catch((err: unknown) => {
      // Its lease runs out in a moment, then anybody may go on.
      this.logger.debug({ err }, 'a move was not released');
    });
  }

  private async carryOut(taken: Move): Promise<void> {
    let move = taken;
    await this.save(move);
    for (;;) {
      const dues = await this.finish(move);
      const next = advance(move, dues);
      if (next.kind === 'arrived') {
        if (!(await endMove(this.database, this.mover))) throw new MoveLost();
        this.logger.info({ now: next.now }, 'the clock has arrived');
        this.tellWaiters();
        return;
      }
      move = next.move;
      await this.save(move);
    }
  }

  /** Does what the step wants; resolves with what is scheduled next where that matters. */
  private async finish(move: Move): Promise<Date[]> {
    switch (move.step) {
      case 'taking':
        await this.tellAll({ now: move.now, begin: false });
        return [];
      case 'beginning':
        await this.tellAll({ now: move.now, begin: true });
        return [];
      case 'waiting':
      case 'settling':
        return this.settle();
      default: {
        const never: never = move.step;
        return never;
      }
    }
  }

  private async tellAll(order: { now: Date; begin: boolean }): Promise<void> {
    let pauseMs = firstPauseMs;
    while ((await this.orders.give(order)).length > 0) {
      await this.breathe(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  /** Waits until the system rests, then says when anything is scheduled. */
  private async settle(): Promise<Date[]> {
    const startedMs = performance.now();
    let sweep = await this.sweeper.sweep();
    const watch = new QuietWatch(sweep);
    for (let pauseMs = 0; ;) {
      await this.breathe(pauseMs);
      // While a service says itself that it is busy, the brokers need not be asked.
      await this.untilDone(sweep.services);
      sweep = await this.sweeper.sweep();
      const { done, isClean } = watch.see(sweep);
      if (done) return this.duesOf(sweep);
      pauseMs = isClean ? cleanPauseMs : pauseAfter(performance.now() - startedMs);
    }
  }

  /** Asks only those that are busy, until they are not. */
  private async untilDone(sights: readonly ServiceSight[]): Promise<void> {
    const startedMs = performance.now();
    let busy = busyOf(sights);
    while (busy.length > 0) {
      await this.breathe(pauseAfter(performance.now() - startedMs));
      busy = busyOf(await this.sweeper.services(busy));
    }
  }

  private async duesOf(sweep: Sweep): Promise<Date[]> {
    const sandboxDueAt = await this.sandboxDue();
    const dues = sweep.services.flatMap(({ status }) => {
      return status?.nextDueAt == null ? [] : [new Date(status.nextDueAt)];
    });
    return sandboxDueAt === null ? dues : [...dues, sandboxDueAt];
  }

  private async sandboxDue(): Promise<Date | null> {
    for (;;) {
      try {
        return await this.orders.sandboxDueAt();
      } catch (err) {
        this.logger.warn({ err }, 'the sandbox does not say what it has scheduled');
        await this.breathe(longestPauseMs);
      }
    }
  }

  /** A pause in which the lease is kept. @throws MoveLost */
  private async breathe(ms: number): Promise<void> {
    if (ms > 0) await pause(ms);
    if (this.isStopping) throw new MoveLost();
    if (performance.now() - this.keptAtMs < keepEveryMs) return;
    if (!(await keepMove(this.database, this.mover))) throw new MoveLost();
    this.keptAtMs = performance.now();
  }

  private async save(move: Move): Promise<void> {
    if (this.isStopping) throw new MoveLost();
    if (!(await saveStep(this.database, this.mover, move))) throw new MoveLost();
    this.keptAtMs = performance.now();
  }

  private tellWaiters(): void {
    for (const over of [...this.waiters]) over();
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wakeUp?.(), lookForMovesMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        this.wakeUp = null;
        resolve();
      };
    });
  }
}

function busyOf(sights: readonly ServiceSight[]): string[] {
  return sights.filter((sight) => unfinishedIn([sight]).length > 0).map(({ part }) => part);
}

/** The longer a wait has lasted, the later the next look. */
function pauseAfter(waitedMs: number): number {
  return Math.min(Math.max(waitedMs * unseenPart, firstPauseMs), longestPauseMs);
}
