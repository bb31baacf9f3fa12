import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '@qingfen/clock';
import { buildEvent, type EventData, type ServiceName, type Topic } from '@qingfen/contracts';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf, type ServiceRequest } from '@qingfen/hosting';
import { Units, type IncomingEvent } from '@qingfen/messaging';
import { FieldCipher, MessageSigner, type Caller } from '@qingfen/security';
import { createLogger, Metrics } from '@qingfen/telemetry';
import { SMTPServer } from 'smtp-server';
import { AlertService } from './alert.service.js';
import { attemptsMax } from './back-off.js';
import { DeliveryService } from './delivery.service.js';
import { claimDue, listDeliveries } from './delivery.store.js';
import { DeliveryWorker } from './delivery.worker.js';
import { notificationService } from './index.js';
import { Mailer } from './mailer.js';
import { NameService } from './name.service.js';

const now = new Date('2026-01-05T02:00:00Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const logger = createLogger({ service: 'notification', level: 'silent' });

/** What the mail server took, and how it answers to recipients. */
const received: { to: string; text: string }[] = [];
let answerToRecipient: number | null = null;

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onRcptTo(_address, _session, callback) {
    if (answerToRecipient === null) return callback();
    callback(Object.assign(new Error('not now'), { responseCode: answerToRecipient }));
  },
  onData(stream, session, callback) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(({ address }) => address).join(',');
      received.push({ to, text: Buffer.concat(chunks).toString('utf8') });
      callback();
    });
  },
});

let scratch: ScratchDatabase;
let database: Database;
let units: Units;
let names: NameService;
let alerts: AlertService;
let mailer: Mailer;
let worker: DeliveryWorker;
/** What other services were asked, and what they answer. */
const asked: string[] = [];
let raiserStatus = 200;
const deliveries = new DeliveryService();

beforeAll(async () => {
  const migrations = migrationsOf(notificationService);
  scratch = await scratchDatabase({ migrations, schema: 'notification' });
  database = scratch.database;
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
  units = new Units({ database, service: 'notification', signer, clock: new VirtualClock(now) });
  const keys = { current: 'f-1', keys: { 'f-1': randomBytes(32).toString('base64') } };
  names = new NameService(database, new FieldCipher(keys));
  const client = {
    request: (call: ServiceRequest) => {
      asked.push(`${call.service} ${call.path} ${JSON.stringify(call.body)}`);
      return Promise.resolve({ status: raiserStatus, body: null as never, headers: new Headers() });
    },
  };
  alerts = new AlertService(database, units, client);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const address = smtp.server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  mailer = new Mailer({
    smtpUrl: `smtp://127.0.0.1:${port}`,
    setting: (_name, otherwise) => otherwise,
  });
  worker = new DeliveryWorker(database, units, mailer, names, new Metrics(), logger);
});

afterAll(async () => {
  mailer.onModuleDestroy();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await scratch.drop();
});

afterEach(async () => {
  answerToRecipient = null;
  received.length = 0;
  await database.query('DELETE FROM delivery');
});

function incoming<T extends Topic>(topic: T, data: EventData[T], time = now): IncomingEvent<T> {
  const envelope = { id: randomUUID(), source: '/spec', time: time.toISOString() };
  const event = buildEvent(topic, data, envelope);
  const raw = {
    topic,
    partition: 0,
    offset: 0n,
    key: null,
    value: Buffer.from(JSON.stringify(event)),
    headers: {},
    timestamp: now,
  };
  const place = { topic, partition: 0, offset: 0n, correlationId: 'c-1', signedBy: null };
  return { ...place, event, data: event.data, raw };
}

function statement(statementId: string, payeeId = 'd-1'): IncomingEvent<'statement-issued'> {
  return incoming('statement-issued', {
    shopId: 'shop-1',
    statementId,
    payeeId,
    kind: 'commission',
    period: '2026-01-05T02:00:00+08:00',
    cutoff: '2026-01-04T16:00:00Z',
    issuedAt: now.toISOString(),
    currency: 'CNY',
    net: '27.00',
    entryCount: 3,
  });
}

function payout(seq: number, status: 'succeeded' | 'returned'): IncomingEvent<'payout-result'> {
  return incoming('payout-result', {
    shopId: 'shop-1',
    payoutId: 'po-1',
    statementId: 'st-1',
    payeeId: 'd-1',
    kind: 'supplier',
    status,
    seq,
    amount: '45.36',
    currency: 'CNY',
    at: now.toISOString(),
  });
}

function payee(name: string, time: Date): IncomingEvent<'payee-upserted'> {
  return incoming(
    'payee-upserted',
    { shopId: 'shop-1', payeeId: 'd-1', name, roles: ['distributor'] },
    time,
  );
}

const noteStatements = (...events: IncomingEvent<'statement-issued'>[]) =>
  units.run((unit) => deliveries.noteStatements(unit, events));
const allOfShop = { shopId: 'shop-1', state: null, payeeId: null, after: null, limit: 100 };

async function failedAlerts(): Promise<number> {
  const rows = await database.query(
    `SELECT 1 FROM outbox WHERE topic = 'alert-raised'
       AND coalesce(value_text, convert_from(value, 'UTF8')) LIKE '%delivery-failed%'`,
  );
  return rows.length;
}

describe('deliveries', () => {
  it('R-SUP-2 sends a statement once, though it is told twice and two workers look', async () => {
    await noteStatements(statement('st-1'), statement('st-1'));
    await noteStatements(statement('st-1'));
    const other = new DeliveryWorker(database, units, mailer, names, new Metrics(), logger);
    await Promise.all([worker.sendDue(), other.sendDue()]);
    expect(await worker.sendDue()).toBe(0);
    expect(received.map(({ to }) => to)).toEqual(['d-1.shop-1@payees.example.test']);
    const [row] = await listDeliveries(database, allOfShop);
    expect(row).toMatchObject({
      deliveryId: 'statement:st-1:mail',
      state: 'sent',
      attempts: 1,
      error: null,
      createdAt: now,
      endedAt: now,
    });
  });

  it('R-RUL-5 tells a payee once of a version, and once more that it was withdrawn', async () => {
    const change = {
      shopId: 'shop-1',
      payeeId: 'd-1',
      version: 2,
      publishedAt: now.toISOString(),
      effectiveFrom: later(3 * 86_400_000).toISOString(),
    };
    const told = (...events: IncomingEvent<'plan-change-announced'>[]) =>
      units.run((unit) => deliveries.notePlanChanges(unit, events));
    const announced = incoming('plan-change-announced', change);
    await told(announced, announced);
    await told(announced, incoming('plan-change-announced', { ...change, payeeId: 'd-2' }));
    const withdrawnAt = later(1).toISOString();
    await told(incoming('plan-change-announced', { ...change, withdrawnAt }));
    expect(await worker.sendDue()).toBe(3);
    expect(received.map(({ to }) => to.split('.')[0]).sort()).toEqual(['d-1', 'd-1', 'd-2']);
    const rows = await listDeliveries(database, allOfShop);
    expect(rows.map(({ deliveryId, state }) => `${deliveryId} ${state}`).sort()).toEqual([
      'plan:2:announced:d-1:mail sent',
      'plan:2:announced:d-2:mail sent',
      'plan:2:withdrawn:d-1:mail sent',
    ]);
  });

  it('R-SUP-2 sends again later what the mail server did not take, then gives up and alerts', async () => {
    answerToRecipient = 451;
    await noteStatements(statement('st-2'));
    await worker.sendDue();
    expect((await listDeliveries(database, allOfShop))[0]).toMatchObject({
      state: 'waiting',
      attempts: 1,
      error: expect.stringContaining('451'),
    });
    expect(await worker.sendDue()).toBe(0); // not before its pause has passed
    const isDue = 'UPDATE delivery SET attempts = $1, next_try_at = clock_timestamp()';
    await database.query(isDue, [attemptsMax - 1]);
    await worker.sendDue();
    expect((await listDeliveries(database, allOfShop))[0]?.state).toBe('failed');
    expect(await failedAlerts()).toBe(1);
  });

  it('R-SUP-2 fails at once what the receiving side refuses for good', async () => {
    answerToRecipient = 550;
    const before = await failedAlerts();
    await noteStatements(statement('st-3'));
    await worker.sendDue();
    expect((await listDeliveries(database, allOfShop))[0]).toMatchObject({
      state: 'failed',
      attempts: 1,
    });
    expect(await failedAlerts()).toBe(before + 1);
  });

  it('sends again what a crashed worker left, under the same Message-ID', async () => {
    await noteStatements(statement('st-4'));
    const [crashed] = await claimDue(database, { limit: 1, leaseMs: 0 });
    await worker.sendDue();
    expect(received[0]?.text).toContain(`Message-ID: ${crashed?.messageId}`);
    expect((await listDeliveries(database, allOfShop))[0]).toMatchObject({
      state: 'sent',
      attempts: 2,
    });
  });

  it('R-NOT-2 lesson 15: ignores a lower seq of a payout that comes later', async () => {
    await units.run((unit) => deliveries.notePayouts(unit, [payout(2, 'returned')]));
    await units.run((unit) => deliveries.notePayouts(unit, [payout(1, 'succeeded')]));
    const rows = await listDeliveries(database, allOfShop);
    expect(rows.map(({ template }) => template)).toEqual(['payout-returned']);
  });

  it('lists by state and payee, page by page', async () => {
    await noteStatements(statement('st-5', 'a'), statement('st-6', 'b'), statement('st-7', 'b'));
    const ofPayee = await listDeliveries(database, {
      ...allOfShop,
      payeeId: 'b',
      state: 'waiting',
    });
    expect(ofPayee.map(({ subjectId }) => subjectId)).toEqual(['st-6', 'st-7']);
    const after = { at: now, id: 'statement:st-5:mail' };
    expect(await listDeliveries(database, { ...allOfShop, after, limit: 1 })).toHaveLength(1);
  });
});

describe('names', () => {
  it('R-SEC-2 keeps the latest name of a payee, encrypted', async () => {
    const told = [payee('张三', later(2)), payee('王五', later(1))];
    await units.run((unit) => names.keepPayees(unit, told));
    await units.run((unit) => names.keepPayees(unit, [payee('老名', now)]));
    const shop = {
      shopId: 'shop-1',
      name: '好店',
      timezone: 'Asia/Tokyo',
      noticePeriodDays: 0,
      transferMax: '50000.00',
      updatedAt: now.toISOString(),
    };
    await units.run((unit) => names.keepShops(unit, [incoming('shop-upserted', shop)]));
    const whom = { shopId: 'shop-1', payeeId: 'd-1' };
    const known = { shop: '好店', timezone: 'Asia/Tokyo', payee: '张三' };
    expect(await names.namesFor([whom])).toEqual([known]);
    const [row] = await database.query<{ text: string }>('SELECT payee::text AS text FROM payee');
    expect(row?.text).not.toContain('张三');
    const unknown = { shop: null, timezone: null, payee: null };
    expect(await names.namesFor([{ shopId: 'x', payeeId: 'y' }])).toEqual([unknown]);
  });
});

describe('alerts', () => {
  const raised = (shopId: string | null, alertId: string, state: 'raised' | 'resolved', at: Date) =>
    incoming('alert-raised', {
      shopId,
      alertId,
      state,
      class: 'no-plan',
      severity: 'warning',
      subject: { type: 'order', id: 'o-1' },
      message: 'An order has no plan.',
      messageZh: '订单没有结算规则。',
      at: at.toISOString(),
    });

  it('R-ALR-1 lists what is and what was, of one shop and of all', async () => {
    await units.run((unit) =>
      alerts.apply(unit, [
        raised('shop-1', 'al-1', 'raised', now),
        raised('shop-2', 'al-2', 'raised', later(1)),
        raised(null, 'al-3', 'raised', later(2)),
      ]),
    );
    await units.run((unit) => alerts.apply(unit, [raised('shop-1', 'al-1', 'resolved', later(3))]));
    const page = { shopId: null, state: null, isAcknowledged: null, after: null, limit: 100 };
    const all = await alerts.list(page);
    expect(all.map(({ alertId }) => alertId)).toEqual(['al-1', 'al-2', 'al-3']);
    expect(all[0]).toMatchObject({ shopId: 'shop-1', raisedAt: now, resolvedAt: later(3) });
    expect(all[2]?.shopId).toBeNull();
    expect(await alerts.list({ ...page, shopId: 'shop-1', state: 'raised' })).toEqual([]);
    expect(await alerts.list({ ...page, after: { at: later(1), id: 'al-2' } })).toHaveLength(1);
  });

  describe('acknowledged', () => {
    const own = '00000000-0000-4000-8000-000000000001';
    const ids = [own, 'al-a', 'al-c'];
    const caller: Caller = { issuer: 'gateway', subject: 'olga', roles: [], requestId: 'r-1' };
    const happened = (alertId: string, by: ServiceName) => {
      const event = raised('shop-9', alertId, 'raised', now);
      return {
        ...event,
        signedBy: by,
        data: { ...event.data, ends: 'when-acknowledged' as const },
      };
    };
    const look = (alertId: string, shopId: string | null = 'shop-9') =>
      alerts.acknowledge({ shopId, alertId, caller, reason: 'seen' });
    const listed = async (isAcknowledged: boolean | null, state: 'raised' | 'resolved' | null) => {
      const page = { shopId: 'shop-9', state, isAcknowledged, after: null, limit: 100 };
      return (await alerts.list(page)).map(({ alertId }) => alertId);
    };

    it('R-ALR-1 R-SEC-3 what has happened is over, for whoever raised it too, and audited', async () => {
      await units.run((unit) =>
        alerts.apply(unit, [
          happened('al-a', 'settlement-calculator'),
          happened(own, 'notification'),
          raised('shop-9', 'al-c', 'raised', now),
        ]),
      );
      asked.length = 0;
      for (const alertId of ids) {
        const state = await look(alertId);
        const acknowledged = { by: 'olga', at: now, reason: 'seen' };
        const resolvedAt = alertId === 'al-c' ? null : now;
        expect(state).toMatchObject({ alertId, acknowledged, resolvedAt });
      }
      // Its own it ends itself; a condition ends with what it is about.
      const path = '/internal/alerts/al-a/end';
      expect(asked).toEqual([`settlement-calculator ${path} {"shopId":"shop-9"}`]);
      expect(await listed(null, 'raised')).toEqual(['al-c']);
      expect(await listed(true, null)).toEqual(ids);
      expect(await listed(false, null)).toEqual([]);
      const rows = await database.query<{ row: string }>(
        `SELECT actor || ' ' || action || ' ' || subject_id || ': ' || reason AS row FROM audit
          WHERE shop_id = 'shop-9' ORDER BY audit_id`,
      );
      expect(rows.map(({ row }) => row)).toEqual(
        ids.map((alertId) => `olga alert.acknowledge ${alertId}: seen`),
      );
    });

    it('R-ALR-1 refuses twice, what is over, and what is not there', async () => {
      await expect(look('al-a')).rejects.toMatchObject({ problem: { status: 409 } });
      await expect(look('al-c')).rejects.toMatchObject({ problem: { status: 409 } });
      await expect(look('al-z')).rejects.toMatchObject({ problem: { status: 404 } });
      await expect(look('al-c', 'shop-1')).rejects.toMatchObject({ problem: { status: 404 } });
    });

    it('R-ALR-1 notes nothing while whoever raised it does not answer', async () => {
      await units.run((unit) => alerts.apply(unit, [happened('al-d', 'payout')]));
      raiserStatus = 503;
      await expect(look('al-d')).rejects.toThrow('payout does not answer');
      expect(await listed(false, 'raised')).toEqual(['al-d']);
      raiserStatus = 200;
      expect(await look('al-d', null)).toMatchObject({ shopId: 'shop-9', resolvedAt: now });
    });
  });
});
