import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { TopicBarrier } from '@qingfen/hosting';
import { comparedTopics, toldGroup } from './groups.js';

const pollMs = 50;
const patienceMs = 30_000;

/** Lets a comparison wait until all that stood on the topics when it began has been heard. */
@Injectable()
export class Heard {
  constructor(@Inject(TopicBarrier) private readonly barrier: TopicBarrier) {}

  /** False where it takes too long: then the comparison is begun again later. */
  async everything(): Promise<boolean> {
    const ends = await this.barrier.endsOf(comparedTopics);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
      const reached = await Promise.all(
        [...ends].map(([topic, offsets]) => this.barrier.reached(toldGroup, topic, offsets)),
      );
      if (reached.every((one) => one)) return true;
      await pause(pollMs);
    }
    return false;
  }
}
