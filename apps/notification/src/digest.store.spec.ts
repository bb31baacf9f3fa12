import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '@qingfen/clock';
import { alertCountsSchema, buildEvent, type DailyReport } from '@qingfen/contracts';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf, ServiceUnavailable, type ServiceRequest } from '@qingfen/hosting';
import { Units, type IncomingEvent } from '@qingfen/messaging';
import { MessageSigner } from '@qingfen/security';
import { AlertCountController } from './alert-count.controller.js';
import { attemptsMax } from './back-off.js';
import { listDeliveries, type DeliveryRow } from './delivery.store.js';
import { fullReport, quietReport } from './digest-report.fixture.js';
import { DigestService } from './digest.service.js';
import { notificationService } from './index.js';
import { Mailer } from './mailer.js';

const now = new Date('2026-01-06T09:00:05+08:00');
const clock = new VirtualClock(now);

let scratch: ScratchDatabase;
let database: Database;
let units: Units;
/** What reconciliation answers; null: it does not. */
let report: DailyReport | null;
const asked: string[] = [];

beforeAll(async () => {
  const migrations = migrationsOf(notificationService);
  scratch = await scratchDatabase({ migrations, schema: 'notification' });
  database = scratch.database;
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
  units = new Units({ database, service: 'notification', signer, clock });
});
afterAll(() => scratch.drop());

beforeEach(async () => {
  report = fullReport;
  asked.length = 0;
  await database.query('DELETE FROM delivery');
  await database.query('DELETE FROM digest');
});

const client = {
  request: ({ service, path }: ServiceRequest) => {
    asked.push(`${service} ${path}`);
    if (report === null) return Promise.reject(new ServiceUnavailable(service, new Error('down')));
    return Promise.resolve({ status: 200, body: report as never, headers: new Headers() });
  },
};

function mailerWith(settings: Readonly<Record<string, string>>): Mailer {
  const setting = (name: string, otherwise: string): string => settings[name] ?? otherwise;
  return new Mailer({ smtpUrl: null, setting });
}

function digestsTo(address: string, shops = ''): DigestService {
  const mailer = mailerWith({ OPERATOR_MAIL_TO: address, OPERATOR_MAIL_SHOPS: shops });
  return new DigestService(database, units, clock, client, mailer);
}
const operators = 'operator.{shopId}@operators.example.test';

function compared(orders = 2, shopId = 'shop-1'): IncomingEvent<'reconciliation-completed'> {
  const counts = { orders, entries: 8, statements: 2, payouts: 2, billLines: 3 };
  const data = { shopId, day: '2026-01-05', counts, differenceCount: 0 };
  const envelope = { id: randomUUID(), source: '/spec', time: now.toISOString() };
  const topic = 'reconciliation-completed';
  const event = buildEvent(topic, data, envelope);
  const value = Buffer.from(JSON.stringify(event));
  const place = { topic, partition: 0, offset: 0n } as const;
  const raw = { ...place, key: null, value, headers: {}, timestamp: now };
  return { ...place, correlationId: 'c-1', signedBy: null, event, data: event.data, raw };
}

const note = (digests: DigestService, ...events: IncomingEvent<'reconciliation-completed'>[]) =>
  units.run((unit) => digests.note(unit, events));

/** Writes what is due, as if the pauses of real time had passed. */
async function write(digests: DigestService): Promise<void> {
  await database.query(`UPDATE digest SET next_try_at = '2026-01-01' WHERE state = 'due'`);
  await digests.writeDue();
}

const written = (): Promise<DeliveryRow[]> =>
  listDeliveries(database, {
    ...{ shopId: 'shop-1', state: null, payeeId: null, after: null, limit: 100 },
  });
const statesOf = async (): Promise<string[]> =>
  (await database.query<{ state: string }>('SELECT state FROM digest')).map(({ state }) => state);

describe('the digest of a day', () => {
  it('R-OPS-1 is one mail to the operator, however often the day is told and whoever looks', async () => {
    const digests = digestsTo(operators);
    await note(digests, compared(), compared());
    await note(digests, compared());
    await database.query(`UPDATE digest SET next_try_at = '2026-01-01'`);
    await Promise.all([digests.writeDue(), digestsTo(operators).writeDue()]);
    await note(digests, compared());
    await write(digests);
    expect(asked).toEqual(['reconciliation /internal/shops/shop-1/reports/daily/2026-01-05']);
    expect(await written()).toMatchObject([
      { deliveryId: 'digest:2026-01-05:1:mail', template: 'daily-digest', payeeId: null },
    ]);
    expect(await statesOf()).toEqual(['written']);
  });

  it('R-OPS-1 R-REC-1 that came to something else is told once more, as corrected', async () => {
    const digests = digestsTo(operators);
    await note(digests, compared());
    await write(digests);
    report = quietReport;
    await note(digests, compared(3));
    await write(digests);
    expect((await written()).map(({ template }) => template)).toEqual([
      'daily-digest',
      'daily-digest-corrected',
    ]);
  });

  it('R-OPS-1 keeps its text from when it was written: a mail sent again is the same', async () => {
    const digests = digestsTo(operators);
    await note(digests, compared());
    await write(digests);
    report = quietReport;
    await write(digests);
    const [row] = await database.query<{ facts: Record<string, string> }>(
      'SELECT facts FROM delivery',
    );
    expect(row?.facts['headlineEn']).toBe('127.00 CNY paid, 5 to look at');
  });

  it('R-OPS-1 is not written of a quiet day, and the first that is told is no correction', async () => {
    const digests = digestsTo(operators);
    report = quietReport;
    await note(digests, compared());
    await write(digests);
    expect([await written(), await statesOf()]).toEqual([[], ['quiet']]);
    report = fullReport;
    await note(digests, compared(3));
    await write(digests);
    expect(await written()).toMatchObject([{ template: 'daily-digest' }]);
  });

  it('R-OPS-1 is not written, and nothing fails, where operators have no address', async () => {
    const digests = digestsTo('');
    await note(digests, compared());
    await write(digests);
    expect([await written(), await statesOf(), asked]).toEqual([[], [], []]);
    expect(() => digestsTo('nobody')).toThrow('OPERATOR_MAIL_TO');
    expect(() => digestsTo('{payeeId}@x')).toThrow('OPERATOR_MAIL_TO');
  });

  it('R-OPS-1 is written of the shops that are named, if any are', async () => {
    const digests = digestsTo(operators, 'shop-2, shop-3');
    await note(digests, compared(2, 'shop-1'), compared(2, 'shop-3'));
    const rows = await database.query<{ shop: string }>('SELECT shop_id AS shop FROM digest');
    expect(rows).toEqual([{ shop: 'shop-3' }]);
  });

  it("R-OPS-1 waits until the shop's own day has ended", async () => {
    const digests = digestsTo(operators);
    const to = '2026-01-06T05:00:00Z';
    report = { ...fullReport, timezone: 'America/New_York', to };
    await note(digests, compared());
    await write(digests);
    await write(digests);
    expect(asked).toHaveLength(1);
    clock.take(new Date(to));
    clock.begin();
    report = { ...report, asOf: to };
    await write(digests);
    expect(await written()).toHaveLength(1);
  });

  it('R-OPS-1 is tried again while there is no report, and then somebody is told', async () => {
    const digests = digestsTo(operators);
    report = null;
    await note(digests, compared());
    await write(digests);
    expect(await digests.writeDue()).toBe(false);
    expect(asked).toHaveLength(1); // not before its pause has passed
    expect(await statesOf()).toEqual(['due']);
    await database.query('UPDATE digest SET attempts = $1', [attemptsMax - 1]);
    await write(digests);
    expect([await written(), await statesOf()]).toEqual([[], ['failed']]);
    const [alert] = await database.query<{ value: string }>(
      `SELECT coalesce(value_text, convert_from(value, 'UTF8')) AS value FROM outbox`,
    );
    expect(JSON.parse(alert?.value ?? '{}').data).toMatchObject({
      class: 'delivery-failed',
      subject: { type: 'digest', id: '2026-01-05' },
    });
  });
});

describe('the address of a digest', () => {
  it("R-OPS-1 is the operator's, a payee's is the payee's", () => {
    const mailer = mailerWith({ OPERATOR_MAIL_TO: operators });
    expect(mailer.addressOf({ shopId: 'shop-1', payeeId: null })).toBe(
      'operator.shop-1@operators.example.test',
    );
    expect(mailer.addressOf({ shopId: 'shop-1', payeeId: 'd-1' })).toContain('@payees.');
  });
});

describe('alerts by class', () => {
  it('R-REC-1 R-ALR-1 are counted that were raised on the day, and that are open', async () => {
    const rows = [
      ['al-1', 'no-plan', 'warning', '2026-01-05T00:00:00+08:00', null],
      ['al-2', 'no-plan', 'warning', '2026-01-05T23:59:59+08:00', '2026-01-06T01:00:00+08:00'],
      ['al-3', 'no-plan', 'warning', '2026-01-04T00:00:00+08:00', '2026-01-05T01:00:00+08:00'],
      ['al-4', 'balance-differs', 'critical', '2026-01-04T00:00:00+08:00', null],
      ['al-5', 'balance-differs', 'critical', '2026-01-06T00:00:00+08:00', null],
    ];
    for (const [id, raised, severity, at, over] of rows) {
      await database.query(
        `INSERT INTO alert_state (shop_id, alert_id, state, class, severity, subject_type, subject_id,
                                  message, message_zh, raised_at, resolved_at)
         VALUES ('shop-1', $1, CASE WHEN $5::timestamptz IS NULL THEN 'raised' ELSE 'resolved' END,
                 $2, $3, 'x', 'x', 'x', 'x', $4, $5)`,
        [id, raised, severity, at, over],
      );
    }
    const controller = new AlertCountController(database);
    const { from, to } = fullReport;
    const counted = await controller.read('shop-1', { from, to });
    expect(alertCountsSchema.parse(counted)).toEqual({
      items: [
        { class: 'balance-differs', severity: 'critical', raised: 0, open: 2 },
        { class: 'no-plan', severity: 'warning', raised: 2, open: 1 },
      ],
      totals: { raised: 2, open: 3 },
    });
    const none = { items: [], totals: { raised: 0, open: 0 } };
    expect(await controller.read('shop-2', { from, to })).toEqual(none);
    await expect(controller.read('shop-1', { from })).rejects.toMatchObject({
      problem: { status: 400 },
    });
  });
});
