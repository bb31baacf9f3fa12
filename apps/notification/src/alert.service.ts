import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { Database } from '@qingfen/database';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { afterTelling, type AlertState, type AlertTold } from './alert-state.js';
import { listAlerts, lockAlerts, saveAlerts, type AlertPage } from './alert.store.js';

/** Keeps the list of alerts: each with its present state. */
@Injectable()
export class AlertService {
  constructor(private readonly database: Database) {}

  /** Applies tellings in the order of the topic; safe to call twice. */
  async apply(unit: Unit, events: readonly IncomingEvent<'alert-raised'>[]): Promise<void> {
    if (events.length === 0) return;
    const alertIds = [...new Set(events.map(({ data }) => data.alertId))];
    const states = new Map<string, AlertState>();
    for (const state of await lockAlerts(unit.tx, alertIds)) states.set(keyOf(state), state);
    const touched = new Map<string, AlertState>();
    for (const { data } of events) {
      const told = toldOf(data);
      const key = keyOf(told);
      const next = afterTelling(touched.get(key) ?? states.get(key) ?? null, told);
      touched.set(key, next);
    }
    await saveAlerts(unit.tx, [...touched.values()]);
  }

  list(page: AlertPage): Promise<AlertState[]> {
    return listAlerts(this.database, page);
  }
}

function keyOf({ shopId, alertId }: { shopId: string | null; alertId: string }): string {
  return `${shopId ?? '*'} ${alertId}`;
}

function toldOf(data: IncomingEvent<'alert-raised'>['data']): AlertTold {
  const { at, ...alert } = data;
  return { ...alert, at: parseInstant(at) };
}
