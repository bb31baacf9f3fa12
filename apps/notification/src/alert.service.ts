import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import type { EndAlertBody } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { audit, conflict, notFound, ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import {
  afterAcknowledging,
  afterTelling,
  stepsBetween,
  type AcknowledgeRefusal,
  type AlertState,
  type AlertStep,
  type AlertTold,
} from './alert-state.js';
import { appendSteps } from './alert-step.store.js';
import { findAlert, listAlerts, lockAlerts, saveAlerts, type AlertPage } from './alert.store.js';

/** Somebody says that they have looked at an alert. */
export interface Acknowledging {
  /** Null: of whatever shop it is, or of none. */
  readonly shopId: string | null;
  readonly alertId: string;
  readonly caller: Caller;
  readonly reason: string;
}

/** Keeps the list of alerts: each with its present state, and who has looked. */
@Injectable()
export class AlertService {
  constructor(
    private readonly database: Database,
    private readonly units: Units,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
  ) {}

  /** Applies tellings in the order of the topic; safe to call twice. */
  async apply(unit: Unit, events: readonly IncomingEvent<'alert-raised'>[]): Promise<void> {
    if (events.length === 0) return;
    const alertIds = [...new Set(events.map(({ data }) => data.alertId))];
    const states = new Map<string, AlertState>();
    for (const state of await lockAlerts(unit.tx, alertIds)) states.set(keyOf(state), state);
    const touched = new Map<string, AlertState>();
    const steps: AlertStep[] = [];
    for (const event of events) {
      const told = toldOf(event);
      const key = keyOf(told);
      const known = touched.get(key) ?? states.get(key) ?? null;
      const next = afterTelling(known, told);
      steps.push(...stepsBetween(known, next));
      touched.set(key, next);
    }
    await saveAlerts(unit.tx, [...touched.values()]);
    await appendSteps(unit.tx, steps);
  }

  list(page: AlertPage): Promise<AlertState[]> {
    return listAlerts(this.database, page);
  }

  /**
   * Notes who has looked. What tells of something that has happened is over by it, for whoever raised
   * it first: should it happen again in between, it is told again.
   *
   * @throws ProblemError 404; 409 when it is over, acknowledged already or raised anew
   * @throws ServiceUnavailable when whoever raised it does not answer: nothing is noted
   */
  async acknowledge(act: Acknowledging): Promise<AlertState> {
    const seen = await findAlert(this.database, act);
    if (seen === null) throw notFound(`There is no alert ${act.alertId}.`);
    if (seen.resolvedAt !== null) throw refused('over');
    if (seen.acknowledged !== null) throw refused('acknowledged');
    await this.tellWhoRaised(seen);
    return this.units.run((unit) => note(unit, act, seen));
  }

  private async tellWhoRaised({ ends, raisedBy, alertId, shopId }: AlertState): Promise<void> {
    if (ends !== 'when-acknowledged' || raisedBy === null || raisedBy === 'notification') return;
    const body: EndAlertBody = { shopId };
    const path = `/internal/alerts/${encodeURIComponent(alertId)}/end`;
    const call = { service: raisedBy, method: 'POST', path, body } as const;
    const { status } = await this.client.request(call);
    if (status !== 200) throw new ServiceUnavailable(raisedBy, new Error(`answered ${status}`));
  }
}

async function note(unit: Unit, act: Acknowledging, seen: AlertState): Promise<AlertState> {
  const { caller, reason, alertId } = act;
  const locked = await lockAlerts(unit.tx, [alertId]);
  const known = locked.find((state) => keyOf(state) === keyOf(seen));
  if (known === undefined) throw new Error(`the alert ${alertId} has gone from the list`);
  const next = afterAcknowledging(known, seen, { by: caller.subject, at: unit.now, reason });
  if (typeof next === 'string') throw refused(next);
  await saveAlerts(unit.tx, [next]);
  await appendSteps(unit.tx, stepsBetween(known, next));
  if (next.raisedBy === 'notification' && next.ends === 'when-acknowledged') {
    unit.endAlert(alertId, next.shopId);
  }
  await audit(unit.tx, {
    caller,
    action: 'alert.acknowledge',
    subject: { type: 'alert', id: alertId },
    shopId: next.shopId,
    before: { state: stateOf(known), class: known.class, subject: known.subject },
    after: { state: stateOf(next) },
    reason,
    at: unit.now,
  });
  return next;
}

const refusals: Readonly<Record<AcknowledgeRefusal, string>> = {
  over: 'It is over: there is nothing to acknowledge.',
  acknowledged: 'Somebody has acknowledged it already.',
  'raised-anew': 'It has been raised anew meanwhile; look again.',
};

function refused(why: AcknowledgeRefusal): Error {
  return conflict('not-in-this-state', refusals[why]);
}

function stateOf({ resolvedAt }: AlertState): 'raised' | 'resolved' {
  return resolvedAt === null ? 'raised' : 'resolved';
}

function keyOf({ shopId, alertId }: { shopId: string | null; alertId: string }): string {
  return `${shopId ?? '*'} ${alertId}`;
}

function toldOf({ data, signedBy }: IncomingEvent<'alert-raised'>): AlertTold {
  const { at, ends = 'by-itself', ...alert } = data;
  return { ...alert, ends, by: signedBy, at: parseInstant(at) };
}
