import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeSecrets } from '@qingfen/security';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceEnv } from './config.js';

let secretsFile = '';

beforeAll(() => {
  secretsFile = path.join(mkdtempSync(path.join(tmpdir(), 'hosting-spec-')), 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify(makeSecrets('spec-password')), { mode: 0o600 });
});

function envOf(services: unknown, replica?: string): ServiceEnv {
  return new ServiceEnv('payout', {
    QINGFEN_ENVIRONMENT: 'local-sandbox',
    QINGFEN_SERVICES: typeof services === 'string' ? services : JSON.stringify(services),
    QINGFEN_REPLICA: replica,
    KAFKA_BROKERS: '127.0.0.1:9092',
    DATABASE_URL_PAYOUT: 'postgres://127.0.0.1/qingfen',
    ALIPAY_GATEWAY: 'http://127.0.0.1:8090/gateway.do',
    QINGFEN_SECRETS_FILE: secretsFile,
  });
}

describe('where services are', () => {
  it('R-ARC-1 is one URL or a list, and a process knows which of them it is', () => {
    const services = {
      gateway: 'http://127.0.0.1:8080/',
      payout: ['http://127.0.0.1:8091', 'http://127.0.0.1:8092/'],
    };
    const first = envOf(services);
    expect(first.services).toEqual({
      gateway: ['http://127.0.0.1:8080'],
      payout: ['http://127.0.0.1:8091', 'http://127.0.0.1:8092'],
    });
    expect([first.replica, first.httpPort]).toEqual([0, 8091]);
    const second = envOf(services, '2');
    expect([second.replica, second.httpPort]).toEqual([1, 8092]);
  });

  it.each([
    ['a third of two', { payout: ['http://a:1', 'http://b:2'] }, '3', 'QINGFEN_REPLICA is 3'],
    ['a second of one', { payout: 'http://a:1' }, '2', 'QINGFEN_REPLICA is 2'],
    ['no whole number', { payout: 'http://a:1' }, '0', 'QINGFEN_REPLICA is "0"'],
    ['an empty list', { payout: [] }, undefined, 'has 0 URLs of "payout"'],
    ['no URL', { payout: ['a:1'] }, undefined, 'no http or https URL of "payout": "a:1"'],
    ['another service alone', { order: 'http://a:1' }, undefined, 'names no "payout"'],
    ['no JSON', '{', undefined, 'QINGFEN_SERVICES is no JSON object'],
  ])('refuses %s, naming the variable', (_what, services, replica, problem) => {
    expect(() => envOf(services, replica)).toThrow(problem);
  });
});
