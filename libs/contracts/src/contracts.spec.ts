import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { apiCalls, openApiDocument } from './documents/openapi.js';
import { yamlOf } from './documents/yaml.js';
import { driftOf } from './generate.js';
import { rolloutBody } from './http/controls.js';
import { adjustmentBody, recoveryBody } from './http/money.js';
import { pageQuery } from './http/paging.js';
import { payeeBody } from './http/payees.js';
import { parseWith, problem } from './http/problem.js';
import { deadLetterReplayBody } from './http/dead-letters.js';
import { shopBody } from './http/shops.js';
import {
  deadLettererOf,
  deadLetterTopic,
  isTopic,
  mustBeSigned,
  ownTopics,
  topicNames,
  topicOfDeadLetters,
  topicSpecs,
  topicSpecsFor,
  writerOf,
} from './topics.js';

describe('topics', () => {
  it('R-ARC-1 each has its dead letters, and only they have partitions to choose', () => {
    const specs = topicSpecsFor({ partitions: 12, replicationFactor: 3 });
    expect(specs.map((spec) => spec.name)).toEqual(
      topicNames.flatMap((topic) => [topic, `${topic}.dlq`]),
    );
    const spread = specs.filter((spec) => spec.partitions === 12).map((spec) => spec.name);
    expect(spread).toEqual([
      'order-completed',
      'order-refunded',
      'order-refund-reversed',
      'order-disputed',
      'order-dispute-resolved',
      'payee-upserted',
      'return-window-closed',
      'statement-issued',
      'payout-requested',
      'payout-result',
      'plan-change-announced',
    ]);
    expect(new Set(specs.map((spec) => spec.replicationFactor))).toEqual(new Set([3]));
  });

  it('R-ARC-1 keeps what must be kept', () => {
    const configs = Object.fromEntries(topicSpecs.map((spec) => [spec.name, spec.config]));
    for (const config of Object.values(configs)) {
      expect(config).toMatchObject({
        'message.timestamp.type': 'LogAppendTime',
        'compression.type': 'gzip',
      });
    }
    expect(configs['order-completed']).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'max.message.bytes': '16777216',
    });
    expect(configs['settlement-plan-published']).toMatchObject({ 'retention.ms': '-1' });
    expect(configs['shop-upserted']).toMatchObject({ 'cleanup.policy': 'compact' });
    expect(configs['alert-raised']).toMatchObject({ 'retention.ms': '7776000000' });
    expect(configs['alert-raised.dlq']).toMatchObject({
      'retention.ms': '-1',
      'max.message.bytes': '17825792',
    });
  });

  it('R-ARC-1 one service dead-letters each, and our own are signed', () => {
    expect(ownTopics).toEqual(topicNames.slice(6));
    expect(mustBeSigned('payee-upserted')).toBe(false);
    expect(mustBeSigned('payout-result')).toBe(true);
    expect(writerOf('return-window-closed')).toBe('order');
    expect(deadLettererOf('payee-upserted')).toBe('payout');
    expect(deadLettererOf('return-window-closed')).toBe('settlement-calculator');
    expect(deadLettererOf('ledger-head')).toBe('notification');
  });

  it('names of dead letter topics read back', () => {
    for (const topic of topicNames) {
      expect(topicOfDeadLetters(deadLetterTopic(topic))).toBe(topic);
    }
    expect(topicOfDeadLetters('order-completed')).toBeNull();
    expect(topicOfDeadLetters('orders.dlq')).toBeNull();
    expect(isTopic('order-completed.dlq')).toBe(false);
  });
});

describe('bodies', () => {
  it('unknown fields are refused where they stand', () => {
    const body = { name: '张三', roles: [], alipay: { identity: 'a', password: 'x' } };
    const parsed = parseWith(payeeBody, body);
    if (parsed.ok) throw new Error('it was taken');
    expect(parsed.errors.map((error) => error.pointer)).toEqual([
      '/alipay/identityType',
      '/alipay/name',
      '/alipay/password',
    ]);
    expect(parsed.errors[2]).toEqual({
      pointer: '/alipay/password',
      message: 'is an unknown field',
      messageZh: '是未知字段',
    });
  });

  it('R-ALI-4 credentials are by key or by certificates, and secrets are not repeated', () => {
    const alipay = { appId: '2021', privateKey: 'k', alipayPublicKey: 'p' };
    expect(parseWith(shopBody, { name: 's', alipay }).ok).toBe(true);
    const neither = { appId: '2021', privateKey: '\u0001secret' };
    const parsed = parseWith(shopBody, { name: 's', alipay: neither });
    expect(JSON.stringify(parsed)).toContain('/alipay/privateKey');
    expect(JSON.stringify(parsed)).not.toContain('secret');
    const both = { ...alipay, certificates: { app: 'a', alipay: 'b', root: 'c' } };
    expect(parseWith(shopBody, { name: 's', alipay: both }).ok).toBe(false);
    expect(parseWith(shopBody, { name: 's', alipay: { appId: '1', privateKey: 'k' } }).ok).toBe(
      false,
    );
  });

  it.each([
    ['-3.20', true],
    ['0.01', true],
    ['0.00', false],
    ['-0.00', false],
    ['1e3', false],
  ])('an adjustment of %s: %s', (amount, ok) => {
    const body = { payeeId: 'd-1', kind: 'supplier', amount, reason: '对账' };
    expect(parseWith(adjustmentBody, body).ok).toBe(ok);
  });

  it.each([
    ['3.20', true],
    ['-3.20', false],
    ['0.00', false],
  ])('R-REF-3 lesson 10: a recovery of %s: %s', (amount, ok) => {
    const body = { payeeId: 'd-1', kind: 'supplier', amount, reason: '追回' };
    expect(parseWith(recoveryBody, body).ok).toBe(ok);
  });

  it.each([
    [{ supplier: { mode: 'all' } }, true],
    [{ commission: { mode: 'pilot', payees: ['d-1'] } }, true],
    [{ commission: { mode: 'pilot' } }, false],
    [{ 'team-reward': { mode: 'percentage', percentage: 10 } }, true],
    [{ 'team-reward': { mode: 'percentage', percentage: 101 } }, false],
    [{ supplier: { mode: 'some' } }, false],
    [{ suppliers: { mode: 'all' } }, false],
  ])('R-TST-4 a rollout of %j: %s', (body, ok) => {
    expect(parseWith(rolloutBody, body).ok).toBe(ok);
  });

  it.each([
    [{ topic: 'order-completed', all: true }, true],
    [{ topic: 'order-completed', offsets: ['0', '7'] }, true],
    [{ topic: 'order-completed' }, false],
    [{ topic: 'order-completed', all: true, offsets: ['1'] }, false],
    [{ topic: 'orders', all: true }, false],
    [{ topic: 'order-completed', all: true, from: '7', reason: 'mended' }, true],
    [{ topic: 'order-completed', offsets: ['7'], from: '7' }, false],
    [{ topic: 'order-completed', offsets: [] }, false],
    [{ topic: 'order-completed', offsets: ['x'] }, false],
  ])('a replay of %j: %s', (body, ok) => {
    expect(parseWith(deadLetterReplayBody, body).ok).toBe(ok);
  });

  it.each([
    [{}, 100],
    [{ limit: '500' }, 500],
    [{ limit: '501' }, null],
    [{ limit: '0' }, null],
    [{ limit: '1e1' }, null],
    [{ page: '2' }, null],
  ])('a page of %j', (query, limit) => {
    const parsed = parseWith(pageQuery, query);
    expect(parsed.ok ? parsed.value.limit : null).toBe(limit);
  });

  it('a problem names itself', () => {
    expect(problem('clock-moving', 409, 'The clock moves', '')).toEqual({
      type: 'urn:qingfen:problem:clock-moving',
      code: 'clock-moving',
      title: 'The clock moves',
      status: 409,
      detail: '',
      errors: [],
    });
  });
});

describe('documents', () => {
  it('docs/ is what the schemas say (npm run contracts)', () => {
    expect(driftOf(path.resolve(import.meta.dirname, '../../../docs'))).toEqual([]);
  });

  it('the API document has every call once, with its path parameters', () => {
    const ids = apiCalls.map((call) => call.id);
    expect(new Set(ids).size).toBe(ids.length);
    const addresses = apiCalls.map((call) => `${call.method} ${call.path}`);
    expect(new Set(addresses).size).toBe(addresses.length);
    const document = openApiDocument({ implemented: ['readOrder', 'login'] });
    expect(Object.keys(document['paths'] ?? {})).toEqual([
      '/auth/login',
      '/shops/{shopId}/orders/{orderId}',
    ]);
    expect(() => openApiDocument({ implemented: ['flyToTheMoon'] })).toThrow(RangeError);
  });

  it('every reference of the API document leads somewhere', () => {
    const document = JSON.stringify(openApiDocument());
    const root: unknown = JSON.parse(document);
    for (const [, address] of document.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = (address ?? '').split('/').reduce<unknown>((at, step) => {
        return typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
      }, root);
      expect([address, typeof found]).toEqual([address, 'object']);
    }
  });

  it('YAML quotes what could be read as something else', () => {
    const value = { a: ['1.0', true, 'yes', 'a: b', 'plain words', null, []], 'x-y': {}, count: 1 };
    expect(yamlOf(value)).toBe(
      'a:\n  - "1.0"\n  - true\n  - "yes"\n  - "a: b"\n  - plain words\n  - null\n  - []\n' +
        'x-y: {}\ncount: 1\n',
    );
  });
});
