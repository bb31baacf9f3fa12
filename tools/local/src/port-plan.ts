import type { LocalConfig } from './config.js';
import { reserveAnyPort, reservePort, type ReservedPort } from './ports.js';
import type { LocalService } from './services.js';

/** The ports of one system, each reserved until its part starts. */
export interface PortPlan {
  readonly kafka: ReservedPort;
  readonly kafkaController: ReservedPort;
  readonly postgres: ReservedPort;
  readonly sandbox: ReservedPort;
  readonly mail: ReservedPort;
  readonly services: Readonly<Record<LocalService, ReservedPort>>;
}

/**
 * Reserves a port for every part. A part that a variable replaces gets one too, of the free ones,
 * which nobody uses: its own variable then doesn't matter.
 *
 * @throws StartFailure when a given port is occupied; what was reserved before is given back.
 */
export async function reservePorts(config: LocalConfig): Promise<PortPlan> {
  const { ports } = config;
  const held: ReservedPort[] = [];
  const keep = async (reserving: Promise<ReservedPort>): Promise<ReservedPort> => {
    const reserved = await reserving;
    held.push(reserved);
    return reserved;
  };
  const named = (
    wanted: Parameters<typeof reservePort>[0] & { readonly isReplaced: boolean },
  ): Promise<ReservedPort> => keep(wanted.isReplaced ? reserveAnyPort() : reservePort(wanted));
  try {
    const gateway = await named({
      part: 'gateway',
      variable: 'GATEWAY_PORT',
      given: ports.gateway,
      preferred: 8080,
      isReplaced: false,
    });
    const postgres = await named({
      part: 'postgres',
      variable: 'POSTGRES_PORT',
      given: ports.postgres,
      preferred: 5432,
      isReplaced: config.databaseUrl !== undefined,
    });
    const kafka = await named({
      part: 'kafka',
      variable: 'KAFKA_PORT',
      given: ports.kafka,
      preferred: 9092,
      isReplaced: config.kafkaBrokers !== undefined,
    });
    const sandbox = await named({
      part: 'alipay-sandbox',
      variable: 'ALIPAY_SANDBOX_PORT',
      given: ports.sandbox,
      preferred: 8090,
      isReplaced: config.alipayGateway !== undefined,
    });
    const any = (): Promise<ReservedPort> => keep(reserveAnyPort());
    return {
      ...{ postgres, kafka, sandbox },
      kafkaController: await any(),
      mail: await any(),
      services: {
        gateway,
        rules: await any(),
        order: await any(),
        'settlement-calculator': await any(),
        payout: await any(),
        notification: await any(),
      },
    };
  } catch (error) {
    await releaseAll(held);
    throw error;
  }
}

/** Every port of a plan, as one list. */
export function portsOf(plan: PortPlan): readonly ReservedPort[] {
  const { kafka, kafkaController, postgres, sandbox, mail, services } = plan;
  return [kafka, kafkaController, postgres, sandbox, mail, ...Object.values(services)];
}

/** Where each service listens. */
export function serviceUrls(plan: PortPlan): Readonly<Record<LocalService, string>> {
  const url = (service: LocalService): string => `http://127.0.0.1:${plan.services[service].port}`;
  return {
    gateway: url('gateway'),
    rules: url('rules'),
    order: url('order'),
    'settlement-calculator': url('settlement-calculator'),
    payout: url('payout'),
    notification: url('notification'),
  };
}

/** Gives back what no part has taken. */
export async function releaseAll(ports: readonly ReservedPort[]): Promise<void> {
  await Promise.all(ports.map((reserved) => reserved.release()));
}
