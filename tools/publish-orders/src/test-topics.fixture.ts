import { type Topic, topicSpecs } from '@qingfen/contracts';
import type { Admin } from 'kafkajs';

const leadersWithinMs = 30_000;

/** Makes the topics that are missing as the contract has them, and waits for their leaders. */
export async function ensureTopics(admin: Admin, wanted: readonly Topic[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topicSpecs.filter(({ name }) => {
    return wanted.some((topic) => topic === name) && !existing.has(name);
  });
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map(({ name, partitions, config }) => ({
      topic: name,
      numPartitions: partitions,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    })),
  });
  const until = performance.now() + leadersWithinMs;
  for (const topic of wanted) {
    while ((await endOf(admin, topic).catch(() => null)) === null) {
      if (performance.now() > until) throw new Error(`${topic} has no leaders`);
    }
  }
}

/** How many messages have ever been written to a topic. */
export async function endOf(admin: Admin, topic: string): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}
