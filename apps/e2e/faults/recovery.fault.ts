import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { orderMessage, send, until } from '@qingfen/testing';

import { FaultSystem, nextDayPlan, observe, type TestShop } from '../src/index.js';

const consumers = [
  'order',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
] as const;
const answerers = ['gateway', 'rules'] as const;
const dripMs = 50;
const deadlineMs = 60_000;
/** Five seconds are wanted, and what is measured is reported; a service away for longer than this fails. */
const awayMaxMs = 30_000;

describe('how long a killed service is away', () => {
  let system: FaultSystem;
  let shop: TestShop;
  let isDripping = true;
  let drip: Promise<void>;

  beforeAll(async () => {
    system = await FaultSystem.start();
    shop = await system.stage.newShop();
    await shop.publishPlan(nextDayPlan);
    const at = await system.stage.gateway.now();
    drip = (async () => {
      for (let number = 0; isDripping; number += 1) {
        await shop.upsertPayees([`d-${number}`], { time: at });
        await system.stage.upstream.publish([
          orderMessage(shop.orderData({ at, amount: '1.00', distributors: [] })),
        ]);
        await pause(dripMs);
      }
    })();
  });
  afterAll(async () => {
    isDripping = false;
    await drip;
    await system.stop();
  });

  /** How far a service has committed, over all it hears. */
  async function committed(service: string): Promise<bigint> {
    const schema = service.replaceAll('-', '_');
    const rows = await system.stage.query<{ sum: string | null }>(
      `SELECT sum(next_offset)::text AS sum FROM "${schema}".consumer_offset`,
    );
    return BigInt(rows[0]?.sum ?? '0');
  }

  it.each(consumers)('R-ARC-1 %s commits again', async (service) => {
    const before = await committed(service);
    await until(`${service} to be at work`, () => committed(service), {
      deadlineMs,
      holds: (sum) => sum > before,
    });
    const pid = system.kill(service);
    const killedAt = performance.now();
    await pause(dripMs); // what it had sent to the database before it died is through
    const atDeath = await committed(service);
    await until(`the next commit of ${service}`, () => committed(service), {
      deadlineMs: awayMaxMs,
      everyMs: 10,
      holds: (sum) => sum > atDeath,
    });
    observe({ what: 'recovery', service, sign: 'commit', ms: performance.now() - killedAt });
    expect(await system.replaced(service, pid)).not.toBe(pid);
  });

  it.each(answerers)('R-ARC-1 %s answers again', async (service) => {
    const url = system.stage.ready.services.find(({ name }) => name === service)?.url ?? '';
    const pid = system.kill(service);
    const killedAt = performance.now();
    await until(`an answer of ${service}`, () => send({ method: 'GET', url: `${url}/readyz` }), {
      deadlineMs: awayMaxMs,
      everyMs: 10,
      holds: ({ status }) => status === 200,
    });
    observe({ what: 'recovery', service, sign: 'answer', ms: performance.now() - killedAt });
    expect(await system.replaced(service, pid)).not.toBe(pid);
  });
});
