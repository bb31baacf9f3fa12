import { describe, expect, it } from '@jest/globals';
import { Heard } from './heard.js';

/** Topics' ends as a barrier tells them; what was asked of it is counted. */
class Topics {
  looks = 0;
  /** Times that it is asked before the group has come to the ends. */
  behind = 0;
  trouble: Error | null = null;

  endsOf(): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> {
    this.looks += 1;
    if (this.trouble !== null) return Promise.reject(this.trouble);
    return Promise.resolve(new Map([['order-completed', new Map([[0, 5n]])]]));
  }

  reached(): Promise<boolean> {
    this.behind -= 1;
    return Promise.resolve(this.behind < 0);
  }
}

describe('R-REC-4 whether everything was heard', () => {
  it('is looked for once for the days of many shops', async () => {
    const topics = new Topics();
    const heard = new Heard(topics);
    expect(await Promise.all([1, 2, 3].map(() => heard.everything()))).toEqual([true, true, true]);
    expect(await heard.everything()).toBe(true);
    expect(topics.looks).toBe(1);
  });

  it('waits for what is not heard yet', async () => {
    const topics = new Topics();
    topics.behind = 2;
    expect(await new Heard(topics).everything()).toBe(true);
    expect(topics).toMatchObject({ looks: 1, behind: -1 });
  });

  it('is looked for anew where nobody could be asked', async () => {
    const topics = new Topics();
    const heard = new Heard(topics);
    topics.trouble = new Error('the brokers are away');
    await expect(heard.everything()).rejects.toThrow('away');
    topics.trouble = null;
    expect(await heard.everything()).toBe(true);
    expect(topics.looks).toBe(2);
  });
});
