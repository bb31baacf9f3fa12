import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { consumeRaw } from './consume-raw.js';
import { consumeStock } from './consume-stock.js';
import { consumeProduct } from './consume-product.js';
import type { ConsumingTask } from './task.js';

const task: ConsumingTask = JSON.parse(process.argv[2] ?? '');
const kafka = new Kafka({ clientId: 'bench', brokers: [task.broker], logLevel: logLevel.NOTHING });

/** Counts messages; keeps when the warm-up was over. */
class Counter {
  seen = 0;
  startedAt = Number.NaN;
  seenAtStart = 0;

  count(messages: number): void {
    this.seen += messages;
    if (Number.isNaN(this.startedAt) && this.seen >= task.warmUp) {
      this.startedAt = performance.now();
      this.seenAtStart = this.seen;
    }
  }
}

/** The group's offsets on the broker: what was counted counts only when it is committed. */
async function committed(): Promise<number> {
  const [found] = await admin.fetchOffsets({ groupId: task.group, topics: [task.topic] });
  const partitions = found?.partitions ?? [];
  return partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

const admin = kafka.admin();
await admin.connect();
const counter = new Counter();
const note = (messages: number): void => counter.count(messages);
const stops = {
  strategy: () => consumeProduct(task, note),
  judging: () => consumeProduct(task, note),
  raw: () => consumeRaw(kafka, task, note),
  stock: () => consumeStock(task, note),
};
const stop = await stops[task.how]();
while (counter.seen < task.count) await pause(2);
while ((await committed()) < task.count) await pause(2);
const seconds = (performance.now() - counter.startedAt) / 1_000;
if (counter.seen !== task.count) throw new Error(`${counter.seen} messages of ${task.count}`);
await stop();
await admin.disconnect();
const perSecond = (task.count - counter.seenAtStart) / seconds;
process.stdout.write(`${JSON.stringify({ perSecond })}\n`);
process.exit(0);
