import type { LocalConfig } from './config.js';
import { reserveAnyPort, reservePort, type ReservedPort } from './ports.js';
import { localServices, type LocalService } from './services.js';

/** The ports of one system, each reserved until its part starts. */
export interface PortPlan {
  readonly kafka: ReservedPort;
  readonly kafkaController: ReservedPort;
  readonly postgres: ReservedPort;
  readonly sandbox: ReservedPort;
  readonly mail: ReservedPort;
  /** One for each replica, in their order. */
  readonly services: ReadonlyMap<LocalService, readonly ReservedPort[]>;
}

/**
 * Reserves a port for every part; of several gateways the first gets the port that was asked for. A part that a variable replaces gets one too, of the free ones,
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
    const services = new Map<LocalService, ReservedPort[]>();
    for (const service of localServices) {
      const reserved = service === 'gateway' ? [gateway] : [];
      while (reserved.length < config.replicas) reserved.push(await any());
      services.set(service, reserved);
    }
    const [kafkaController, mail] = [await any(), await any()];
    return { postgres, kafka, sandbox, kafkaController, mail, services };
  } catch (error) {
    await releaseAll(held);
    throw error;
  }
}

/** Every port of a plan, as one list. */
export function portsOf(plan: PortPlan): readonly ReservedPort[] {
  const { kafka, kafkaController, postgres, sandbox, mail } = plan;
  return [kafka, kafkaController, postgres, sandbox, mail, ...servicePortsOf(plan)];
}

/** The ports of the services alone. */
export function servicePortsOf(plan: PortPlan): readonly ReservedPort[] {
  return [...plan.services.values()].flat();
}

/** Where each service listens, replica by replica. */
export function serviceUrls(plan: PortPlan): Readonly<Record<LocalService, readonly string[]>> {
  const urls = (service: LocalService): readonly string[] =>
    (plan.services.get(service) ?? []).map(({ port }) => `http://127.0.0.1:${port}`);
  return {
    gateway: urls('gateway'),
    rules: urls('rules'),
    order: urls('order'),
    'settlement-calculator': urls('settlement-calculator'),
    payout: urls('payout'),
    reconciliation: urls('reconciliation'),
    notification: urls('notification'),
  };
}

/** Gives back what no part has taken. */
export async function releaseAll(ports: readonly ReservedPort[]): Promise<void> {
  await Promise.all(ports.map((reserved) => reserved.release()));
}
