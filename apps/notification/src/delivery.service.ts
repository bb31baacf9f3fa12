import { Injectable } from '@nestjs/common';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { sha256Hex } from '@qingfen/security';
import { insertDeliveries, takeNews } from './delivery.store.js';
import { latestVersion } from './template.js';
import {
  tellingOfPayout,
  tellingOfPlanChange,
  tellingOfStatement,
  type Telling,
} from './wording.js';

/** Notes what payees are to be told, in the transaction that takes the event. */
@Injectable()
export class DeliveryService {
  /** One delivery for each statement, however often it is told. */
  async noteStatements(
    unit: Unit,
    events: readonly IncomingEvent<'statement-issued'>[],
  ): Promise<void> {
    await noteDeliveries(
      unit,
      events.map(({ data }) => tellingOfStatement(data)),
    );
  }

  /** One delivery for each payee and version, and one more where that is withdrawn. */
  async notePlanChanges(
    unit: Unit,
    events: readonly IncomingEvent<'plan-change-announced'>[],
  ): Promise<void> {
    await noteDeliveries(
      unit,
      events.map(({ data }) => tellingOfPlanChange(data)),
    );
  }

  /** One delivery for the latest end of each payout; what is older than what was told is ignored. */
  async notePayouts(unit: Unit, events: readonly IncomingEvent<'payout-result'>[]): Promise<void> {
    const latest = new Map<string, IncomingEvent<'payout-result'>['data']>();
    for (const { data } of events) {
      const known = latest.get(`${data.shopId} ${data.payoutId}`);
      if (known === undefined || known.seq < data.seq) {
        latest.set(`${data.shopId} ${data.payoutId}`, data);
      }
    }
    const told = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, data]) => data);
    const news = await takeNews(unit.tx, told);
    const isNews = new Set(news.map(({ shopId, payoutId }) => `${shopId} ${payoutId}`));
    const tellings = told
      .filter(({ shopId, payoutId }) => isNews.has(`${shopId} ${payoutId}`))
      .map((data) => tellingOfPayout(data))
      .filter((telling) => telling !== null);
    await noteDeliveries(unit, tellings);
  }
}

/** Notes tellings as deliveries; one that is there already stays as it is. */
export function noteDeliveries(unit: Unit, tellings: readonly Telling[]): Promise<void> {
  const deliveries = tellings.map((telling) => ({
    ...telling,
    templateVersion: latestVersion(telling.template),
    messageId: messageIdOf(telling),
    createdAt: unit.now,
  }));
  return insertDeliveries(unit.tx, deliveries);
}

function messageIdOf({ shopId, deliveryId }: Telling): string {
  const digest = sha256Hex(`${shopId} ${deliveryId}`).slice(0, 40);
  return `<${digest}@notification.qingfen>`;
}
