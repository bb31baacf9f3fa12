import { describe, expect, it } from '@jest/globals';
import { environmentOf, readLocalConfig } from './config.js';
import { javaMajorOf } from './java.js';
import { StartFailure } from './start-failure.js';

describe('environmentOf', () => {
  it.each([
    [undefined, 'local-sandbox'],
    ['http://127.0.0.1:8090/gateway.do', 'local-sandbox'],
    ['http://localhost:8090/gateway.do', 'local-sandbox'],
    ['http://[::1]:8090/gateway.do', 'local-sandbox'],
    ['https://openapi-sandbox.dl.alipaydev.com/gateway.do', 'alipay-sandbox'],
    ['https://openapi.alipay.com/gateway.do', 'production'],
    ['https://alipaydev.com.example.org/gateway.do', 'production'],
    ['https://notalipaydev.com/gateway.do', 'production'],
    ['https://127.0.0.1.example.org/gateway.do', 'production'],
  ] as const)('%s is %s', (gateway, environment) => {
    expect(environmentOf(gateway)).toBe(environment);
  });

  it('refuses what is no address', () => {
    expect(() => environmentOf('openapi.alipay.com')).toThrow(StartFailure);
    expect(() => environmentOf('ftp://openapi.alipay.com')).toThrow(/ALIPAY_GATEWAY/);
  });
});

describe('readLocalConfig', () => {
  it('has defaults for everything', () => {
    expect(readLocalConfig({})).toMatchObject({
      clock: 'system',
      processes: 'one',
      replicas: 1,
      environment: 'local-sandbox',
      databaseUrl: undefined,
      kafkaBrokers: undefined,
      ports: { gateway: undefined, kafka: undefined },
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readLocalConfig({ GATEWAY_PORT: '', DATABASE_URL: '' })).toEqual({
      ...readLocalConfig({}),
      variables: { GATEWAY_PORT: '', DATABASE_URL: '' },
    });
  });

  it('tells port 0 from no port', () => {
    expect(readLocalConfig({ KAFKA_PORT: '0' }).ports.kafka).toBe(0);
  });

  it.each([
    [{ GATEWAY_PORT: '80a' }, /GATEWAY_PORT/],
    [{ KAFKA_PORT: '70000' }, /KAFKA_PORT/],
    [{ QINGFEN_CLOCK: 'virtual' }, /QINGFEN_CLOCK/],
    [{ QINGFEN_CLOCK: 'virtual:2026-01-01T00:00:00' }, /QINGFEN_CLOCK/],
    [{ QINGFEN_PROCESSES: 'some' }, /QINGFEN_PROCESSES/],
    [{ QINGFEN_REPLICAS: '0' }, /QINGFEN_REPLICAS: 0 is no whole number from 1 to 4/],
    [{ QINGFEN_REPLICAS: '5' }, /QINGFEN_REPLICAS/],
    [{ QINGFEN_REPLICAS: 'two' }, /QINGFEN_REPLICAS/],
  ])('refuses %j, naming the variable', (variables, message) => {
    expect(() => readLocalConfig(variables)).toThrow(message);
  });

  it('lets no virtual clock near a gateway outside of this machine', () => {
    const clock = { QINGFEN_CLOCK: 'virtual:2026-01-01T00:00:00+08:00' };
    const local = { ...clock, ALIPAY_GATEWAY: 'http://127.0.0.1:9/gateway.do' };
    expect(readLocalConfig(local).clock).toBe(clock.QINGFEN_CLOCK);
    for (const host of ['openapi.alipay.com', 'openapi-sandbox.dl.alipaydev.com']) {
      const variables = { ...clock, ALIPAY_GATEWAY: `https://${host}/gateway.do` };
      expect(() => readLocalConfig(variables)).toThrow(/virtual clock/);
    }
  });
});

describe('javaMajorOf', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_402"', 8],
    ['no such thing', undefined],
  ])('%s is %s', (said, major) => {
    expect(javaMajorOf(said)).toBe(major);
  });
});
