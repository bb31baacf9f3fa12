import { inheritedVariables } from './config.js';
import { localReady, NoSystem } from './local-ready.js';

const otherwise = 'say which broker with --brokers host:port or KAFKA_BROKERS';

/**
 * The brokers: those given, else `KAFKA_BROKERS`, else those of the local system that was started
 * last in `QINGFEN_DATA_DIR` (`.qingfen`).
 *
 * @throws NoSystem when there is none of them.
 */
export function findBrokers(given: string | undefined): string[] {
  const named = given ?? inheritedVariables()['KAFKA_BROKERS'] ?? localReady(otherwise).kafka;
  const brokers = named.split(',').filter((broker) => broker !== '');
  if (brokers.length === 0) throw new NoSystem('--brokers needs host:port[,host:port…]');
  return brokers;
}
