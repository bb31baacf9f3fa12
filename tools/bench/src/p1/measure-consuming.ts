import path from 'node:path';
import { Child } from '../child.js';
import type { MeasureContext } from '../context.js';
import { compete, type Contender, type MeasureResult } from '../measure.js';
import { makeOrders, orderEvent } from '../orders.js';
import type { ConsumingAnswer, ConsumingTask } from './task.js';

const topic = 'bench-consuming';
const database = 'bench_consuming';
const count = 120_000;
const warmUp = 20_000;
// Seven lines, now and then eight.
const aboutKilobyte = [0, 0, 0, 0, 0, 0, 80, 20];
const file = path.join(import.meta.dirname, 'consumer-process.js');

/** P1: messages a second through a consumer that only looks at them. */
export async function measureConsuming(context: MeasureContext): Promise<MeasureResult> {
  const { servers, seed, until, rounds, say } = context;
  say(`P1: publishing ${count} messages`);
  const mix = { seed, until, count, linesOfHundred: aboutKilobyte };
  const messages = makeOrders(mix).map(orderEvent);
  const bytes = messages.reduce((sum, { value }) => sum + value.length, 0) / count;
  await servers.newTopic(topic);
  await servers.publish(topic, messages);
  const contender = (name: string, how: ConsumingTask['how']): Contender => ({
    name,
    run: (round) => consume(context, how, round),
  });
  const result = await compete(
    {
      id: 'P1',
      title: 'consuming: our batch strategy, each value through JSON.parse',
      unit: 'messages/s',
      better: 'greater',
      rounds,
      product: contender('product', 'strategy'),
      baselines: [
        { ...contender('raw kafkajs', 'raw'), goal: { must: 0.9, aim: 1 } },
        { ...contender("Nest's ServerKafka", 'stock'), goal: { must: 5, aim: 8 } },
        { ...contender('our strategy, parseEvent for JSON.parse', 'judging'), goal: null },
      ],
      say,
    },
    () => `${count - warmUp} messages of ${Math.round(bytes)} bytes after ${warmUp} to warm up`,
  );
  await servers.admin.deleteTopics({ topics: [topic] });
  return result;
}

async function consume(
  { servers }: MeasureContext,
  how: ConsumingTask['how'],
  round: number,
): Promise<number> {
  await servers.newDatabase(database);
  const group = `bench-consuming-${how}-${round}`;
  const broker = servers.brokers;
  const databaseUrl = servers.urlOf(database);
  const task: ConsumingTask = { how, broker, topic, group, databaseUrl, warmUp, count };
  const child = Child.start(file, [JSON.stringify(task)]);
  try {
    return await child.line(rateOf);
  } finally {
    await child.stop();
    await servers.dropDatabase(database);
  }
}

function rateOf(line: string): number | undefined {
  if (!line.startsWith('{"perSecond"')) return undefined;
  const answer: ConsumingAnswer = JSON.parse(line);
  return answer.perSecond;
}
