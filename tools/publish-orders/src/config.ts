import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Something that the person at the keyboard can put right; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where a path of the command line is meant from: npm runs scripts in the clone's root. */
export function pathFromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
}

/**
 * The brokers: those given, else `KAFKA_BROKERS`, else those of the local system that was started
 * last in `QINGFEN_DATA_DIR` (`.qingfen`).
 *
 * @throws UsageError when there is none of them.
 */
export function findBrokers(given: string | undefined): string[] {
  const named = given ?? process.env['KAFKA_BROKERS'] ?? localBrokers();
  const brokers = named.split(',').filter((broker) => broker !== '');
  if (brokers.length === 0) throw new UsageError('--brokers needs host:port[,host:port…]');
  return brokers;
}

function localBrokers(): string {
  const directory = process.env['QINGFEN_DATA_DIR'] ?? '.qingfen';
  const file = path.resolve(directory, 'ready.json');
  let ready: unknown;
  try {
    ready = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new UsageError(
      `no broker: ${file} is not there. Start the local system (npm start), or say which ` +
        'broker with --brokers host:port or KAFKA_BROKERS',
    );
  }
  const kafka = typeof ready === 'object' && ready !== null ? Reflect.get(ready, 'kafka') : null;
  if (typeof kafka !== 'string') throw new UsageError(`${file} names no Kafka broker`);
  return kafka;
}
