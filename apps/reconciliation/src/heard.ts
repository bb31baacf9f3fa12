import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { TopicBarrier } from '@qingfen/hosting';
import { comparedTopics, toldGroup } from './groups.js';

const pollMs = 50;
const patienceMs = 30_000;
/** The days of all shops come due together: what one look has found holds for those beside it. */
const freshMs = 1_000;

/** Lets a comparison wait until all that stood on the topics when it began has been heard. */
@Injectable()
export class Heard {
  private look: { readonly begunMs: number; readonly found: Promise<boolean> } | null = null;

  constructor(
    @Inject(TopicBarrier) private readonly barrier: Pick<TopicBarrier, 'endsOf' | 'reached'>,
  ) {}

  /**
   * Up to a second before this was asked: the comparison is of a day that is long over. False where it takes
   * too long: then the comparison is begun again later.
   */
  async everything(): Promise<boolean> {
    const nowMs = performance.now();
    if (this.look === null || nowMs - this.look.begunMs > freshMs) {
      this.look = { begunMs: nowMs, found: this.lookOnce() };
    }
    const { look } = this;
    try {
      const found = await look.found;
      // What was not heard, or could not be asked, is looked for anew.
      if (!found && this.look === look) this.look = null;
      return found;
    } catch (error) {
      if (this.look === look) this.look = null;
      throw error;
    }
  }

  private async lookOnce(): Promise<boolean> {
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
