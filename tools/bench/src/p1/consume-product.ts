import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { parseEvent } from '@qingfen/contracts';
import { createDatabase } from '@qingfen/database';
import {
  BatchErrorFilter,
  BatchServer,
  messagingMigrations,
  OffsetStore,
  type Batch,
} from '@qingfen/messaging';
import { createLogger, Metrics } from '@qingfen/telemetry';
import type { ConsumingTask } from './task.js';

/**
 * Our batch strategy as services use it, with production's session settings. `strategy` does with a
 * value what the raw baseline does, `judging` has every message judged by the contract instead.
 */
export async function consumeProduct(
  task: ConsumingTask,
  note: (messages: number) => void,
): Promise<() => Promise<void>> {
  const countOf = task.how === 'judging' ? countJudged : countParsed;

  @Controller()
  class BatchConsumer {
    @EventPattern<string>(task.topic)
    async onBatch(@Payload() batch: Batch): Promise<void> {
      note(countOf(batch));
    }
  }

  @Module({ controllers: [BatchConsumer] })
  class BatchModule {}

  const logger = createLogger({ service: 'settlement-calculator', level: 'error' });
  const database = await createDatabase({
    url: task.databaseUrl,
    schema: 'public',
    applicationName: 'bench',
    logger,
    migrations: [...messagingMigrations],
  });
  await database.migrate();
  const server = new BatchServer({
    brokers: [task.broker],
    clientId: 'bench-product',
    service: 'settlement-calculator',
    groups: [{ name: task.group, topics: [task.topic] }],
    sessionTimeoutMs: 30_000,
    heartbeatIntervalMs: 3_000,
    rebalanceTimeoutMs: 60_000,
    offsets: new OffsetStore(database),
    logger,
    metrics: new Metrics(),
    onFatal: (error) => {
      throw error;
    },
  });
  const app = await NestFactory.createMicroservice(BatchModule, {
    strategy: server,
    logger: false,
  });
  app.useGlobalFilters(new BatchErrorFilter());
  await app.listen();
  return async () => {
    await app.close();
    await database.close();
  };
}

function countJudged(batch: Batch): number {
  let good = 0;
  for (const { value } of batch.messages) if (parseEvent('order-completed', value).ok) good += 1;
  return good;
}

function countParsed(batch: Batch): number {
  let objects = 0;
  for (const { value } of batch.messages) {
    const parsed: unknown = JSON.parse(value?.toString() ?? '');
    if (typeof parsed === 'object' && parsed !== null) objects += 1;
  }
  return objects;
}
