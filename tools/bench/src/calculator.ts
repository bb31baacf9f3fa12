import type { Secrets } from '@qingfen/security';
import path from 'node:path';
import { freePort } from './free-port.js';
import type { Servers } from './servers.js';

/** The settlement-calculator as it runs in production. */
export const calculatorMain = path.resolve(
  import.meta.dirname,
  '../../../apps/settlement-calculator/dist/main.js',
);

export const ordersGroup = 'qf-settlement-calculator-orders';
export const calculatorGroups = [ordersGroup, 'qf-settlement-calculator-rest'];

const [schema, role] = ['settlement_calculator', 'qf_settlement_calculator'];

/** Its schema, its role and that one's password, for `bootstrap`. */
export function calculatorDatabase({ services }: Secrets): {
  readonly schema: string;
  readonly role: string;
  readonly password: string;
} {
  return { schema, role, password: services['settlement-calculator'].databasePassword };
}

/** What it is told of the rest of the system, over a database of that name. */
export async function calculatorEnvironment(options: {
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  readonly database: string;
}): Promise<Readonly<Record<string, string>>> {
  const { servers, secrets, secretsFile, database } = options;
  const url = new URL(servers.urlOf(database));
  url.username = role;
  url.password = encodeURIComponent(calculatorDatabase(secrets).password);
  return {
    TZ: 'Asia/Shanghai',
    LOG_LEVEL: 'warn',
    QINGFEN_ENVIRONMENT: 'local-sandbox',
    QINGFEN_CLOCK: 'system',
    QINGFEN_SECRETS_FILE: secretsFile,
    QINGFEN_SERVICES: JSON.stringify({
      'settlement-calculator': `http://127.0.0.1:${await freePort()}`,
    }),
    KAFKA_BROKERS: servers.brokers,
    DATABASE_URL_SETTLEMENT_CALCULATOR: url.href,
    ALIPAY_GATEWAY: 'http://127.0.0.1:9',
  };
}

/** Where a calculator of this environment answers. */
export function calculatorUrl(env: Readonly<Record<string, string>>): string {
  const services: Record<string, string> = JSON.parse(env['QINGFEN_SERVICES'] ?? '{}');
  return services['settlement-calculator'] ?? '';
}
