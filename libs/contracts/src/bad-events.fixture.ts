import { bytesOf, changed, goodEvents } from './good-events.fixture.js';
import type { ParseFailureCode } from './parse-event.js';
import type { Topic } from './topics.js';

/** A message that is refused, and the words that its reason must have. */
export interface BadMessage {
  readonly name: string;
  readonly topic: Topic;
  readonly value: Buffer | null;
  readonly code: ParseFailureCode;
  readonly field: string;
}

const order = goodEvents['order-completed'];
const goodText = JSON.stringify(order);
const item = { itemId: '1', supplierId: 's-1', amount: '1.00' };

function ofOrder(
  name: string,
  value: Buffer | string | null,
  code: ParseFailureCode,
  field: string,
): BadMessage {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return { name, topic: 'order-completed', value: bytes, code, field };
}

const latinText = Buffer.from(goodText.replace('team-1', 'team-é'), 'latin1');
const megabytes = Buffer.alloc(2 * 1024 * 1024, '[');

/** Messages that are bad as a whole. */
export const badMessages: readonly BadMessage[] = [
  ofOrder('no value', null, 'not-json', 'no value'),
  ofOrder('empty value', '', 'not-json', 'JSON'),
  ofOrder('cut off', goodText.slice(0, -1), 'not-json', 'JSON'),
  ofOrder('two documents', `${goodText}${goodText}`, 'not-json', 'JSON'),
  ofOrder('trailing comma', goodText.replace(/}$/, ',}'), 'not-json', 'JSON'),
  ofOrder('NaN', goodText.replace('"128.50"', 'NaN'), 'not-json', 'JSON'),
  ofOrder('a byte order mark', `\ufeff${goodText}`, 'not-json', 'JSON'),
  ofOrder('a raw control character', goodText.replace('o-1', 'o\u0001'), 'not-json', 'JSON'),
  ofOrder('Latin-1', latinText, 'not-json', 'UTF-8'),
  ofOrder('binary', Buffer.from([0, 255, 1, 254]), 'not-json', 'UTF-8'),
  ofOrder('2 MiB', megabytes, 'too-large', '2097152 bytes'),
  ofOrder('1 MiB and a byte', goodText.padEnd(1024 * 1024 + 1), 'too-large', '1048577 bytes'),
  ofOrder('10 MB', Buffer.alloc(10_000_000, ' '), 'too-large', '10000000 bytes'),
  ofOrder('null', 'null', 'not-a-cloudevent', 'not an object'),
  ofOrder('a list', '[]', 'not-a-cloudevent', 'not an object'),
  ofOrder('a text', '"order"', 'not-a-cloudevent', 'not an object'),
  ofOrder('a number', '42', 'not-a-cloudevent', 'not an object'),
  ofOrder('bare data', bytesOf(order.data), 'not-a-cloudevent', 'specversion is missing'),
  ofOrder('an empty object', '{}', 'not-a-cloudevent', 'specversion is missing'),
  ofOrder(
    'only __proto__',
    `{"__proto__":${goodText}}`,
    'not-a-cloudevent',
    'specversion is missing',
  ),
  ofOrder('another topic', bytesOf(goodEvents['order-refunded']), 'wrong-type', 'type: "order-ref'),
  ofOrder(
    'data.__proto__ in the place of data',
    goodText.replace('"data":{', '"data":{"__proto__":{').replace(/}$/, '}}'),
    'invalid-data',
    'data.shopId is missing',
  ),
  ofOrder(
    '501 items',
    bytesOf(changed(order, 'data.items', numbered(501))),
    'invalid-data',
    'data.items: a list of 501',
  ),
  ofOrder(
    '21 distributors',
    bytesOf(changed(order, 'data.distributors', Array(21).fill('d-1'))),
    'invalid-data',
    'data.distributors: a list of 21',
  ),
];

function numbered(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({ ...item, itemId: `i-${index}` }));
}

type BadField = [topic: Topic, path: string, wrong: unknown, code: ParseFailureCode, field: string];

const envelopeFields: BadField[] = [
  ['order-completed', 'specversion', '0.3', 'not-a-cloudevent', 'specversion: "0.3"'],
  ['order-completed', 'specversion', 1, 'not-a-cloudevent', 'specversion'],
  ['order-completed', 'id', undefined, 'not-a-cloudevent', 'id is missing'],
  ['order-completed', 'id', '', 'not-a-cloudevent', 'id: ""'],
  ['order-completed', 'id', 7, 'not-a-cloudevent', 'id: the number 7'],
  ['order-completed', 'id', 'x'.repeat(257), 'not-a-cloudevent', 'id: "xxx'],
  ['order-completed', 'id', 'a\u0000b', 'not-a-cloudevent', 'id: "a\\u0000b"'],
  ['order-completed', 'source', undefined, 'not-a-cloudevent', 'source is missing'],
  ['order-completed', 'source', null, 'not-a-cloudevent', 'source'],
  ['order-completed', 'source', '\ud800', 'not-a-cloudevent', 'source'],
  ['order-completed', 'type', undefined, 'not-a-cloudevent', 'type is missing'],
  ['order-completed', 'type', 3, 'not-a-cloudevent', 'type: the number 3'],
  ['order-completed', 'type', 'order-complete', 'wrong-type', 'type: "order-complete"'],
  ['order-completed', 'data', undefined, 'not-a-cloudevent', 'data is missing'],
  ['order-completed', 'data', 'text', 'invalid-data', 'data: "text" is not an object'],
  ['order-completed', 'data', [], 'invalid-data', 'data: a list of 0'],
  ['order-completed', 'data', null, 'invalid-data', 'data'],
  ['order-completed', 'time', 'yesterday', 'not-a-cloudevent', 'time: "yesterday"'],
  ['payee-upserted', 'time', undefined, 'not-a-cloudevent', 'time is missing'],
  ['payee-upserted', 'time', '2026-01-05T10:00:00', 'not-a-cloudevent', 'time: "2026'],
];

const amounts = [
  ...['1e3', '-1.00', '0.001', 'NaN', 'Infinity', '', ' 1.00', '1.00 ', '1,000.00', '01.00'],
  ...['.50', '1.', '+1.00', '0x10', '1.000', '1234567890123.00', '１.00', '1.00\n'],
  ...[12.5, 0, null, true, {}, [], ['1.00']],
];

const instants = [
  ...['2026-01-05T10:00:00', '2026-01-05', '2026-01-05 10:00:00+08:00', '2026-02-30T00:00:00Z'],
  ...['2025-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-05T24:00:00Z', '1767578400'],
  ...['2026-01-05T10:00:60Z', '2026-01-05t10:00:00z', '2026-01-05T10:00:00+0800', '+020260-01-05'],
  ...['0001-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00', 1767578400000, null],
];

const ids = ['', '-x', 'a b', 'a/b', '订单', 'x'.repeat(65), 'o-1\n', 17, null, {}, '__proto__'];

const orderFields: BadField[] = [
  ['order-completed', 'data.currency', 'cny', 'invalid-data', 'data.currency: "cny"'],
  ['order-completed', 'data.currency', 'ZZZ', 'invalid-data', 'data.currency: "ZZZ"'],
  ['order-completed', 'data.currency', 'JPY', 'invalid-data', 'data.items[0].amount'],
  ['order-completed', 'data.currency', undefined, 'invalid-data', 'data.currency is missing'],
  ['order-completed', 'data.paidAt', '2026-01-05T10:00:01+08:00', 'invalid-data', 'data.paidAt'],
  ['order-completed', 'data.paidAt', '2026-01-05T02:00:01Z', 'invalid-data', 'data.paidAt'],
  ['order-completed', 'data.items', [], 'invalid-data', 'data.items: a list of 0'],
  ['order-completed', 'data.items', {}, 'invalid-data', 'data.items: an object'],
  ['order-completed', 'data.items', undefined, 'invalid-data', 'data.items is missing'],
  ['order-completed', 'data.items.1.itemId', '1', 'invalid-data', 'data.items[1].itemId'],
  ['order-completed', 'data.items.1', null, 'invalid-data', 'data.items[1]'],
  ['order-completed', 'data.items.0.kind', 'gift', 'invalid-data', 'data.items[0].kind: "gift"'],
  ['order-completed', 'data.items.0.subsidy', '-0.01', 'invalid-data', 'data.items[0].subsidy'],
  ['order-completed', 'data.items.0.subsidy', null, 'invalid-data', 'data.items[0].subsidy'],
  ['order-completed', 'data.items.0.supplierId', undefined, 'invalid-data', '[0].supplierId is'],
  ['order-completed', 'data.distributors', undefined, 'invalid-data', 'data.distributors is'],
  ['order-completed', 'data.distributors', null, 'invalid-data', 'data.distributors'],
  ['order-completed', 'data.distributors.1', 5, 'invalid-data', 'data.distributors[1]'],
  ['order-completed', 'data.teamId', null, 'invalid-data', 'data.teamId'],
  ['order-refunded', 'data.items.0.amount', '0.00', 'invalid-data', 'data.items[0].amount'],
  ['order-refunded', 'data.items.0.amount', '0.001', 'invalid-data', 'data.items[0].amount'],
  ['order-refunded', 'data.items.0.amount', 8.75, 'invalid-data', 'data.items[0].amount'],
  ['order-refunded', 'data.refundId', undefined, 'invalid-data', 'data.refundId is missing'],
  ['order-refund-reversed', 'data.at', 'now', 'invalid-data', 'data.at: "now"'],
  ['order-disputed', 'data.reason', 'a\u0000', 'invalid-data', 'data.reason'],
  ['order-dispute-resolved', 'data.resolvedAt', '', 'invalid-data', 'data.resolvedAt: ""'],
];

const otherFields: BadField[] = [
  ['payee-upserted', 'data.roles', ['boss'], 'invalid-data', 'data.roles[0]: "boss"'],
  ['payee-upserted', 'data.roles', 'supplier', 'invalid-data', 'data.roles'],
  ['payee-upserted', 'data.name', '', 'invalid-data', 'data.name: ""'],
  ['payee-upserted', 'data.level', -1, 'invalid-data', 'data.level'],
  ['payee-upserted', 'data.alipay', 'x@example.test', 'invalid-data', 'data.alipay'],
  ['payee-upserted', 'data.alipay.identityType', 'EMAIL', 'invalid-data', 'identityType: "EMAIL"'],
  ['payee-upserted', 'data.alipay.identity', undefined, 'invalid-data', 'identity is missing'],
  ['payout-requested', 'data.amount', '0.00', 'invalid-data', 'data.amount: "0.00"'],
  ['payout-requested', 'data.part', 0, 'invalid-data', 'data.part'],
  ['payout-requested', 'data.part', 1.5, 'invalid-data', 'data.part'],
  ['payout-requested', 'data.payVia', 'cash', 'invalid-data', 'data.payVia: "cash"'],
  ['payout-requested', 'data.legs.0.amount', '1e1', 'invalid-data', 'data.legs[0].amount: "1e1"'],
  ['payout-result', 'data.status', 'unknown', 'invalid-data', 'data.status: "unknown"'],
  ['payout-result', 'data.seq', '3', 'invalid-data', 'data.seq: "3"'],
  ['settlement-plan-published', 'data.plan', [], 'invalid-data', 'data.plan: a list of 0'],
  ['settlement-plan-published', 'data.version', 0, 'invalid-data', 'data.version'],
  ['statement-issued', 'data.kind', 'platform-fee', 'invalid-data', 'data.kind: "platform-fee"'],
  ['reconciliation-completed', 'data.day', '2026-02-30', 'invalid-data', 'data.day'],
  ['shop-upserted', 'data.transferMax', '1e5', 'invalid-data', 'data.transferMax: "1e5"'],
  ['shop-upserted', 'data.withholding.period', 'week', 'invalid-data', 'data.withholding.period'],
  [
    'shop-upserted',
    'data.withholding.tiers.1.rate',
    '0.1234567',
    'invalid-data',
    'data.withholding.tiers[1].rate: "0.1234567"',
  ],
  ['payout-requested', 'data.withheld', '0.00', 'invalid-data', 'data.withheld: "0.00"'],
];

/** Good events with one field made bad; undefined takes it away. */
export const badFields: readonly BadField[] = [
  ...envelopeFields,
  ...amounts.map((wrong): BadField => {
    return [
      'order-completed',
      'data.items.0.amount',
      wrong,
      'invalid-data',
      'data.items[0].amount',
    ];
  }),
  ...instants.map((wrong): BadField => {
    return ['order-completed', 'data.completedAt', wrong, 'invalid-data', 'data.completedAt'];
  }),
  ...ids.map((wrong): BadField => {
    return ['order-completed', 'data.orderId', wrong, 'invalid-data', 'data.orderId'];
  }),
  ...orderFields,
  ...otherFields,
];
