import { describe, expect, it } from '@jest/globals';
import { makeSecrets } from '@qingfen/security';
import { servicePlans, serviceParts, type LocalService, type Surroundings } from './services.js';

function urlsOf(replicas: number): Surroundings['urls'] {
  const urls = (port: number): string[] =>
    Array.from({ length: replicas }, (_, index) => `http://127.0.0.1:${port + index}`);
  return {
    gateway: urls(100),
    rules: urls(200),
    order: urls(300),
    'settlement-calculator': urls(400),
    payout: urls(500),
    reconciliation: urls(600),
    notification: urls(700),
  };
}

function plansFor(processes: 'one' | 'each', replicas: number) {
  const around: Surroundings = {
    variables: { QINGFEN_REPLICA: '9' },
    environment: 'local-sandbox',
    clock: 'system',
    kafkaBrokers: ['127.0.0.1:9092'],
    databaseUrl: 'postgres://owner@127.0.0.1:5432/qingfen',
    alipayGateway: 'http://127.0.0.1:8090/gateway.do',
    alipaySandboxUrl: null,
    smtpUrl: 'smtp://127.0.0.1:25',
    secrets: makeSecrets('spec-password'),
    secretsFile: '/nowhere',
    ledgerHeads: '/nowhere/ledger-heads',
    urls: urlsOf(replicas),
  };
  return servicePlans({ processes, around, logs: '/logs' });
}

describe('the services as parts', () => {
  it('keep the plain names where each runs once', () => {
    expect(plansFor('one', 1).map(({ name }) => name)).toEqual(['services']);
    expect(plansFor('each', 1).map(({ name }) => name)).toEqual([
      ...['gateway', 'rules', 'order', 'settlement-calculator'],
      ...['payout', 'reconciliation', 'notification'],
    ]);
  });

  it('R-ARC-1 are numbered where there are several, and each process knows its number', () => {
    const shown = (processes: 'one' | 'each') =>
      plansFor(processes, 2).map(({ name, logFile, env }) => [
        name,
        logFile,
        env['QINGFEN_REPLICA'],
      ]);
    expect(shown('one')).toEqual([
      ['services-1', '/logs/services-1.log', '1'],
      ['services-2', '/logs/services-2.log', '2'],
    ]);
    expect(shown('each')).toHaveLength(14);
    expect(shown('each')).toContainEqual(['payout-2', '/logs/payout-2.log', '2']);
  });

  it('R-ARC-1 tell every process where all replicas are', () => {
    for (const { env } of plansFor('each', 2)) {
      expect(JSON.parse(env['QINGFEN_SERVICES'] ?? '')).toEqual(urlsOf(2));
    }
  });

  it('R-ARC-1 leave the database connections enough for four', () => {
    const pools = ([1, 2, 3, 4] as const).map((replicas) => {
      return plansFor('one', replicas)[0]?.env['DATABASE_POOL_MAX'];
    });
    expect(pools).toEqual([undefined, undefined, '4', '4']);
  });

  it('R-ARC-1 name the part that each replica is in', () => {
    const partsOf = (processes: 'one' | 'each', name: LocalService): string[] =>
      serviceParts({ processes, urls: urlsOf(2) })
        .filter((one) => one.name === name)
        .map(({ url, part }) => `${part} ${url}`);
    expect(partsOf('one', 'order')).toEqual([
      'services-1 http://127.0.0.1:300',
      'services-2 http://127.0.0.1:301',
    ]);
    expect(partsOf('each', 'order')).toEqual([
      'order-1 http://127.0.0.1:300',
      'order-2 http://127.0.0.1:301',
    ]);
  });
});
