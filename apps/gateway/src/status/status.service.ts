import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type { ServiceStatus, SystemStatus } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { readClock } from '../clock/clock.store.js';
import { decideIdle } from './decide-idle.js';
import { countRestarts, noteStarts, replicaKey } from './start.store.js';
import { lagsOf, voicesOf, type ServiceSight, type Sweep } from './sweep.js';
import { Sweeper } from './sweeper.js';

type Payouts = SystemStatus['payouts'];

/** Sums up what all services say of themselves. */
@Injectable()
export class StatusService {
  constructor(
    @Inject(Sweeper) private readonly sweeper: Sweeper,
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Two sweeps in a row, and what they show. */
  async read(): Promise<SystemStatus> {
    const deadLetters = this.sweeper.deadLetters();
    const first = await this.sweeper.sweep();
    const second = await this.sweeper.sweep();
    const [clock, counted, restarts] = await Promise.all([
      readClock(this.database),
      deadLetters,
      this.restarts(second.services),
    ]);
    const target = this.clock.mode === 'virtual' ? (clock?.target ?? null) : null;
    const now = this.clock.mode === 'virtual' ? (clock?.now ?? this.clock.now()) : this.clock.now();
    const { idle, holdingUp } = decideIdle(first, second);
    const moving = target === null ? [] : [`the clock is on its way to ${target.toISOString()}`];
    return {
      idle: idle && target === null,
      now: now.toISOString(),
      clock: { mode: this.clock.mode, target: target?.toISOString() ?? null },
      consumers: consumersOf(second),
      outboxPending: summed(second, (status) => status.outboxPending),
      runsDue: summed(second, (status) => status.runsDue),
      payouts: payoutsOf(second),
      deadLetters: counted,
      holdingUp: [...moving, ...holdingUp],
      services: second.services.map((sight) => shown(sight, restarts)),
    };
  }

  private async restarts(services: readonly ServiceSight[]): Promise<ReadonlyMap<string, number>> {
    const starts = services.flatMap(({ name, replica, status }) => {
      if (status === null) return [];
      const startedAt = new Date(status.startedAt);
      return [{ service: name, replica, startedAt, pid: status.pid ?? 0 }];
    });
    await noteStarts(this.database, starts);
    return countRestarts(this.database);
  }
}

function shown(
  { name, replica, url, status }: ServiceSight,
  restarts: ReadonlyMap<string, number>,
): SystemStatus['services'][number] {
  return {
    name,
    url,
    pid: status?.pid ?? null,
    ready: status?.ready ?? false,
    startedAt: status?.startedAt ?? null,
    restarts: restarts.get(replicaKey({ service: name, replica })) ?? 0,
  };
}

function consumersOf(sweep: Sweep): SystemStatus['consumers'] {
  const { ends } = sweep;
  if (ends === null) return [];
  return lagsOf(sweep, ends).map(({ group, topic, lag }) => ({ group, topic, lag: Number(lag) }));
}

function summed(sweep: Sweep, count: (status: ServiceStatus) => number): number {
  return voicesOf(sweep.services).reduce((sum, { status }) => sum + count(status), 0);
}

function payoutsOf(sweep: Sweep): Payouts {
  const voices = voicesOf(sweep.services);
  const told = voices.find(({ status }) => status.payouts !== undefined)?.status.payouts;
  if (told === undefined) {
    return { requested: 0, waiting: {}, review: 0, blocked: 0, sending: 0, unknown: 0 };
  }
  const { requested, waiting, review, blocked, sending, unknown } = told;
  return { requested, waiting, review, blocked, sending, unknown };
}
