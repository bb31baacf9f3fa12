import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@qingfen/telemetry';
import { SpecKafka } from './fixtures/kafka.js';
import { TopicBounds } from './topic-bounds.js';

const kafka = new SpecKafka(createLogger({ service: 'spec', level: 'silent' }));
const bounds = new TopicBounds(kafka.kafka);

beforeAll(() => kafka.connect());
afterAll(async () => {
  await bounds.close();
  await kafka.close();
});

/** What the client's own admin says, two requests a topic. */
async function saidByAdmin(topic: string): Promise<Record<string, [string, string]>> {
  const told = await kafka.admin.fetchTopicOffsets(topic);
  return Object.fromEntries(told.map(({ partition, low, high }) => [partition, [low, high]]));
}

async function said(topics: readonly string[]): Promise<Record<string, [string, string]>[]> {
  const [ends, beginnings] = [await bounds.ends(topics), await bounds.beginnings(topics)];
  return topics.map((topic) => {
    const partitions = [...(ends.get(topic) ?? [])];
    return Object.fromEntries(
      partitions.map(([partition, end]) => {
        return [partition, [String(beginnings.get(topic)?.get(partition)), String(end)]];
      }),
    );
  });
}

describe('where topics begin and end', () => {
  it('is what the admin says, of all topics at once, as messages come and go', async () => {
    const topics = [await kafka.topic(1), await kafka.topic(3)];
    const [one = '', three = ''] = topics;
    const agreed = async (): Promise<void> => {
      expect(await said(topics)).toEqual(await Promise.all(topics.map(saidByAdmin)));
    };
    await agreed();
    await kafka.send(one, [{ value: 'a' }, { value: 'b' }]);
    await kafka.send(three, [{ value: 'c', partition: 2 }]);
    expect((await bounds.ends(topics)).get(three)?.get(2)).toBe(1n);
    await agreed();
    await kafka.admin.deleteTopicRecords({
      topic: one,
      partitions: [{ partition: 0, offset: '1' }],
    });
    expect((await bounds.beginnings([one])).get(one)?.get(0)).toBe(1n);
    await agreed();
  });

  it('is never taken for empty when a topic is not there, and is told again afterwards', async () => {
    const there = await kafka.topic(1);
    await expect(bounds.ends([there, 'spec-not-there'])).rejects.toThrow();
    expect((await bounds.ends([there])).get(there)?.get(0)).toBe(0n);
  });

  it('is told again after the connection was given up', async () => {
    const there = await kafka.topic(2);
    await bounds.close();
    expect((await bounds.ends([there])).get(there)?.size).toBe(2);
  });
});
