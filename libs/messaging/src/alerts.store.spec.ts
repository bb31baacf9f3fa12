import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alertIdOf } from './alerts.js';
import { specService, type SpecService } from './fixtures/service.js';

let service: SpecService;

beforeEach(async () => {
  service = await specService('settlement-calculator');
});
afterEach(() => service.scratch.drop());

describe('alerts', () => {
  it('are said once for as long as the condition lasts, and once when it ends', async () => {
    const subject = { type: 'shop', id: 's-1' };
    const alert = {
      class: 'unknown-shop',
      severity: 'warning' as const,
      shopId: 's-1',
      subject,
      message: 'There is no such shop.',
      messageZh: '没有这家店。',
    };
    const raise = () => service.units.run(async (unit) => unit.alert(alert));
    const resolve = () =>
      service.units.run(async (unit) => unit.resolveAlert(alert.class, subject));
    for (const step of [raise, raise, resolve, resolve, raise]) await step();
    const rows = await service.database.query<{ value_text: string }>(
      'SELECT value_text FROM outbox ORDER BY id',
    );
    const events = rows.map((row) => JSON.parse(row.value_text));
    expect(events.map(({ data }) => data.state)).toEqual(['raised', 'resolved', 'raised']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(new Set(events.map(({ data }) => data.alertId)).size).toBe(1);
  });

  it('R-ALR-1 one that tells of what happened says so, and ends by its id, once', async () => {
    const alert = {
      class: 'order-contradicted',
      severity: 'warning' as const,
      ends: 'when-acknowledged' as const,
      shopId: 's-1',
      subject: { type: 'order', id: 'o-1' },
      message: 'It was told twice.',
      messageZh: '两次通知。',
    };
    const raise = () => service.units.run(async (unit) => unit.alert(alert));
    const end = (shopId: string) =>
      service.units.run(async (unit) => unit.endAlert(alertIdOf(alert), shopId));
    await raise();
    await end('s-2'); // another shop's
    await raise();
    await end('s-1');
    await end('s-1');
    await raise();
    const rows = await service.database.query<{ value_text: string }>(
      'SELECT value_text FROM outbox ORDER BY id',
    );
    const said = rows.map(({ value_text: text }) => JSON.parse(text).data);
    expect(said.map(({ state, ends }) => [state, ends])).toEqual([
      ['raised', 'when-acknowledged'],
      ['resolved', undefined],
      ['raised', 'when-acknowledged'],
    ]);
  });
});
