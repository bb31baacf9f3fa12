import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '@qingfen/database';
import { GroupCommit } from './group-commit.js';
import { ServiceUnavailable } from './service-client.js';

/** A commit that waits until it is let go, and notes what it was given. */
class SlowCommit {
  readonly groups: number[][] = [];
  private readonly gates: (() => void)[] = [];

  readonly commit = async (items: readonly number[]): Promise<readonly string[]> => {
    this.groups.push([...items]);
    await new Promise<void>((resolve) => this.gates.push(resolve));
    return items.map((item) => `done ${item}`);
  };

  /** Resolves when so many groups were begun. */
  async begun(count: number): Promise<void> {
    while (this.groups.length < count) await turn();
  }

  letGo(): void {
    this.gates.shift()?.();
  }
}

/** Lets everything that can go on go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('GroupCommit', () => {
  it('begins at once, and takes together what comes meanwhile', async () => {
    const slow = new SlowCommit();
    const group = new GroupCommit(slow.commit);
    const results = [1, 2, 3].map((item) => group.add(item));
    await turn();
    expect(slow.groups).toEqual([[1]]);
    slow.letGo();
    await turn();
    expect(slow.groups).toEqual([[1], [2, 3]]);
    slow.letGo();
    expect(await Promise.all(results)).toEqual(['done 1', 'done 2', 'done 3']);
  });

  it('waits a moment for company that is expected, and not where none is', async () => {
    const slow = new SlowCommit();
    let isExpected = true;
    const group = new GroupCommit(slow.commit, { isExpected: () => isExpected, waitMs: 1 });
    const first = group.add(1);
    const second = group.add(2);
    await slow.begun(1);
    expect(slow.groups).toEqual([[1, 2]]);
    isExpected = false;
    slow.letGo();
    await Promise.all([first, second]);
    const third = group.add(3);
    expect(slow.groups).toEqual([[1, 2], [3]]);
    slow.letGo();
    await third;
  });

  it('lets one that cannot be done take nobody with it', async () => {
    const group = new GroupCommit<number, string>((items) => {
      if (items.includes(2)) return Promise.reject(new Error('2 is odd'));
      return Promise.resolve(items.map((item) => `done ${item}`));
    });
    const first = group.add(0);
    const settled = await Promise.allSettled([first, group.add(1), group.add(2), group.add(3)]);
    expect(settled.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
  });

  it.each([
    ['the database', new DatabaseUnavailable('gone')],
    ['another service', new ServiceUnavailable('payout', null)],
  ])('tries nothing again that %s is away for', async (_, gone) => {
    let tries = 0;
    const group = new GroupCommit<number, string>(() => {
      tries += 1;
      return Promise.reject(gone);
    });
    const settled = await Promise.allSettled([group.add(1), group.add(2), group.add(3)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(tries).toBe(2);
  });
});
