import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { TopicBarrier } from '@qingfen/hosting';
import { groups } from './groups.js';

const waitMs = 3_000;
const pollMs = 50;

/**
 * What somebody has just put by another service is on its topic, but may not be heard here yet: whoever
 * misses something waits until what stands on the topic now is applied, for three seconds at most.
 */
@Injectable()
export class Hearing {
  constructor(
    @Inject(TopicBarrier) private readonly barrier: Pick<TopicBarrier, 'endOffsets' | 'reached'>,
  ) {}

  /** @returns whether it is there, at once or after the wait */
  async of(
    topic: 'payee-upserted' | 'settlement-plan-published',
    isThere: () => Promise<boolean>,
  ): Promise<boolean> {
    if (await isThere()) return true;
    const ends = await this.barrier.endOffsets(topic);
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
      const isApplied = await this.barrier.reached(groups.rest, topic, ends);
      if (await isThere()) return true;
      if (isApplied) return false;
      await pause(pollMs);
    }
    return false;
  }
}
