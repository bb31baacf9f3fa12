import { describe, expect, it } from '@jest/globals';
import { JoinQueue } from './join-queue.js';

class Trouble extends Error {}

/** Joins numbers of one parity; notes the groups, and lets each end when told to. */
class Bench {
  readonly groups: number[][] = [];
  failing: (item: number) => Error | null = () => null;
  private readonly gates: (() => void)[] = [];
  readonly queue: JoinQueue<number>;

  constructor(lanes: number, isHeld = true) {
    this.queue = new JoinQueue<number>({
      lanes,
      mayJoin: (group, item) => group.length < 3 && group.every((one) => (one - item) % 2 === 0),
      isShared: (error) => error instanceof Trouble,
      work: async (group) => {
        this.groups.push([...group]);
        if (isHeld) await new Promise<void>((resolve) => this.gates.push(resolve));
        for (const item of group) {
          const error = this.failing(item);
          if (error !== null) throw error;
        }
      },
    });
  }

  add(...items: number[]): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled(items.map((item) => this.queue.add(item)));
  }

  letOneEnd(): void {
    this.gates.shift()?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('JoinQueue', () => {
  it('joins what came in one turn and may go together, few groups at a time', async () => {
    const bench = new Bench(2);
    const all = bench.add(1, 2, 3, 4, 5, 7, 6);
    await turn();
    expect(bench.groups).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    bench.letOneEnd();
    await turn();
    expect(bench.groups.slice(2)).toEqual([[7]]);
    bench.letOneEnd();
    bench.letOneEnd();
    expect((await all).every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('joins what came while the lanes were taken', async () => {
    const bench = new Bench(1);
    const first = bench.add(1);
    await turn();
    const others = bench.add(3, 2, 5);
    await turn();
    expect(bench.groups).toEqual([[1]]);
    for (let ended = 0; ended < 3; ended += 1) {
      bench.letOneEnd();
      await turn();
    }
    expect(bench.groups).toEqual([[1], [3, 5], [2]]);
    await Promise.all([first, others]);
  });

  it('tries each of a failed group alone, so that one fails by itself', async () => {
    const bench = new Bench(1, false);
    bench.failing = (item) => (item === 3 ? new Error('3') : null);
    const settled = await bench.add(1, 3, 5);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(bench.groups).toEqual([[1, 3, 5], [1], [3], [5]]);
  });

  it('tries nobody alone for what befalls all', async () => {
    const bench = new Bench(1, false);
    bench.failing = () => new Trouble('away');
    const settled = await bench.add(1, 3);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(bench.groups).toEqual([[1, 3]]);
  });
});
