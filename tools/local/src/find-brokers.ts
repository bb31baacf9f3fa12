import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inheritedVariables } from './config.js';
import { readyFileIn } from './ready-info.js';

/** Nobody has said which brokers; the message says how to. */
export class NoBrokers extends Error {
  override readonly name = 'NoBrokers';
}

/**
 * The brokers: those given, else `KAFKA_BROKERS`, else those of the local system that was started
 * last in `QINGFEN_DATA_DIR` (`.qingfen`).
 *
 * @throws NoBrokers when there is none of them.
 */
export function findBrokers(given: string | undefined): string[] {
  const named = given ?? inheritedVariables()['KAFKA_BROKERS'] ?? localBrokers();
  const brokers = named.split(',').filter((broker) => broker !== '');
  if (brokers.length === 0) throw new NoBrokers('--brokers needs host:port[,host:port…]');
  return brokers;
}

function localBrokers(): string {
  const file = readyFileIn(path.resolve(inheritedVariables()['QINGFEN_DATA_DIR'] ?? '.qingfen'));
  let ready: unknown;
  try {
    ready = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new NoBrokers(
      `no broker: ${file} is not there. Start the local system (npm start), or say which ` +
        'broker with --brokers host:port or KAFKA_BROKERS',
    );
  }
  const kafka = typeof ready === 'object' && ready !== null ? Reflect.get(ready, 'kafka') : null;
  if (typeof kafka !== 'string') throw new NoBrokers(`${file} names no Kafka broker`);
  return kafka;
}
