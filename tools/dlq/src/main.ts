import { parseArgs } from 'node:util';
import { isTopic, topicNames } from '@qingfen/contracts';
import { findBrokers, NoSystem } from '@qingfen/local';
import { list, type Print, replay, type Selection, show } from './commands.js';
import { Kafka, logLevel } from 'kafkajs';
import { UsageError } from './usage-error.js';

const usage = `npm run dlq -- list   [--topic <topic>]
npm run dlq -- show   --topic <topic> [--partition 0] --offset <offset>
npm run dlq -- replay --topic <topic> [--partition 0] --offset <offset>
npm run dlq -- replay [--topic <topic>] --all
Everywhere: [--brokers host:port,…]. A topic is the original one; partition and offset are those
on its dead letter topic, as list tells them.`;

interface Order {
  readonly command: 'list' | 'show' | 'replay';
  readonly selection: Selection;
  readonly brokers: string | undefined;
}

function readArguments(): Order {
  const options = {
    topic: { type: 'string' },
    partition: { type: 'string' },
    offset: { type: 'string' },
    all: { type: 'boolean', default: false },
    brokers: { type: 'string' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [command, ...more] = positionals;
    if ((command !== 'list' && command !== 'show' && command !== 'replay') || more.length > 0) {
      throw new UsageError('say list, show or replay');
    }
    const { topic, partition = '0', offset, all, brokers } = values;
    if (topic !== undefined && !isTopic(topic)) {
      throw new UsageError(`${topic} is not one of ${topicNames.join(', ')}`);
    }
    for (const number of [partition, offset ?? '0']) {
      if (!/^[0-9]{1,18}$/.test(number)) throw new UsageError(`${number} is not a number`);
    }
    const isOne = topic !== undefined && offset !== undefined && !all;
    if (command === 'show' && !isOne) throw new UsageError('show needs --topic and --offset');
    if (command === 'replay' && !isOne && (!all || offset !== undefined)) {
      throw new UsageError('replay needs --topic and --offset, or --all');
    }
    const at = offset === undefined ? undefined : { partition: Number(partition), offset };
    return { command, selection: { topic, at }, brokers };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

const print: Print = (line) => process.stdout.write(`${line}\n`);

async function run({ command, selection, brokers }: Order): Promise<void> {
  const kafka = new Kafka({
    clientId: 'qingfen-dlq',
    brokers: findBrokers(brokers),
    logLevel: logLevel.NOTHING,
  });
  if (command === 'list') {
    await list(kafka, selection, print);
    return;
  }
  const missing = new UsageError('no dead letter stands there');
  if (command === 'show') {
    if ((await show(kafka, selection, print)) === 0) throw missing;
    return;
  }
  const { replayed, left } = await replay(kafka, selection, print);
  if (replayed + left === 0 && selection.at !== undefined) throw missing;
  print(`${replayed} replayed${left === 0 ? '' : `, ${left} left: their values were not kept`}`);
  if (left > 0) process.exitCode = 1;
}

try {
  await run(readArguments());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
}
