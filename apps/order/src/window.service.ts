import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { topics } from '@qingfen/contracts';
import { bindWindow, type ToldCompletion } from '@qingfen/core-order';
import { advisoryLock } from '@qingfen/database';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import { WorkCounter } from '@qingfen/telemetry';
import { planLock } from './plan.service.js';
import { versionsOf } from './plan.store.js';
import { byShop } from './reign.js';
import { insertWindows, takeEnded, type ReturnWindow } from './window.store.js';

const windowsPerUnit = 1_000;

/** Keeps the return window of every completion that was told, and says the ends of windows. */
@Injectable()
export class WindowService {
  constructor(
    private readonly units: Units,
    private readonly work: WorkCounter,
  ) {}

  /** Notes completions with the window that the versions known now give; safe to call twice. */
  async noteCompletions(
    unit: Unit,
    events: readonly IncomingEvent<'order-completed'>[],
  ): Promise<void> {
    if (events.length === 0) return;
    // A version that comes while this is decided waits, and then finds these rows to bind anew.
    await advisoryLock(unit.tx, planLock, 'shared');
    const completions = distinctCompletions(events);
    const shopIds = [...new Set(completions.map(({ shopId }) => shopId))];
    const versions = byShop(await versionsOf(unit.tx, shopIds));
    const windows = completions.map((completion): ReturnWindow => {
      const bound = bindWindow(completion, versions.get(completion.shopId) ?? []);
      return { ...completion, version: bound?.version ?? null, closesAt: bound?.closedAt ?? null };
    });
    await insertWindows(unit.tx, windows);
  }

  /**
   * Says every window that ended at or before `until`, exactly once each, in transactions of at most
   * 1,000; several services at once share them.
   */
  async sayEnded(until: Date): Promise<number> {
    let saidCount = 0;
    for (;;) {
      const count = await this.units.run((unit) => sayBatch(unit, until));
      if (count > 0) this.work.begin(count);
      saidCount += count;
      if (count < windowsPerUnit) return saidCount;
    }
  }
}

async function sayBatch(unit: Unit, until: Date): Promise<number> {
  const ended = await takeEnded(unit.tx, { until, limit: windowsPerUnit });
  for (const { shopId, orderId, completedAt, closesAt } of ended) {
    unit.say({
      topic: topics.returnWindowClosed,
      key: orderId,
      data: {
        shopId,
        orderId,
        completedAt: completedAt.toISOString(),
        closedAt: closesAt.toISOString(),
      },
    });
  }
  return ended.length;
}

/** Each completion once, sorted by key: rows are locked in one order by everybody. */
function distinctCompletions(
  events: readonly IncomingEvent<'order-completed'>[],
): readonly ToldCompletion[] {
  const completions = new Map<string, ToldCompletion>();
  for (const { data } of events) {
    const { shopId, orderId } = data;
    const completedAt = parseInstant(data.completedAt);
    const paidAt = parseInstant(data.paidAt);
    // Ids have no spaces, so the key is unambiguous.
    const key = `${shopId} ${orderId} ${completedAt.toISOString()} ${paidAt.toISOString()}`;
    completions.set(key, { shopId, orderId, completedAt, paidAt });
  }
  return [...completions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, completion]) => completion);
}
