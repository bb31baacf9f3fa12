import { doTogether, type GroupWork, type Waiting } from './group-work.js';

/** What a queue is made from. */
export interface JoinQueueOptions<T> {
  /** Pieces of work, or groups of them, under way at once. */
  readonly lanes: number;
  /** Whether a piece may go into the group of those before it. */
  readonly mayJoin: (group: readonly T[], item: T) => boolean;
  /** Does all of a group or, throwing, nothing of it. */
  readonly work: (group: readonly T[]) => Promise<void>;
  /** Whether an error befalls everybody; else each of a failed group is tried alone. */
  readonly isShared: (error: unknown) => boolean;
}

/**
 * Takes pieces of work in their order, few at a time, and joins what waits together: what comes in one
 * turn of the event loop, or while the lanes are taken, shares one group.
 */
export class JoinQueue<T> {
  private readonly waiting: Waiting<T, void>[] = [];
  private readonly how: GroupWork<T, void>;
  private underWay = 0;
  private isLooking = false;

  constructor(private readonly options: JoinQueueOptions<T>) {
    const { work, isShared } = options;
    this.how = { work: (items) => work(items).then(() => items.map(() => undefined)), isShared };
  }

  /** Resolves when the piece is done. @throws what it fails by, alone */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.look();
    });
  }

  /** At the end of this turn, so that what one fetch has brought is all there. */
  private look(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    setImmediate(() => {
      this.isLooking = false;
      while (this.underWay < this.options.lanes && this.waiting.length > 0) {
        void this.run(this.nextGroup());
      }
    });
  }

  private nextGroup(): Waiting<T, void>[] {
    const group: Waiting<T, void>[] = [];
    const items: T[] = [];
    for (let index = 0; index < this.waiting.length;) {
      const candidate = this.waiting[index];
      if (candidate === undefined) break;
      if (items.length > 0 && !this.options.mayJoin(items, candidate.item)) {
        index += 1;
        continue;
      }
      group.push(candidate);
      items.push(candidate.item);
      this.waiting.splice(index, 1);
    }
    return group;
  }

  private async run(group: readonly Waiting<T, void>[]): Promise<void> {
    this.underWay += 1;
    await doTogether(group, this.how);
    this.underWay -= 1;
    this.look();
  }
}
