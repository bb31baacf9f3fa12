import { Inject, Injectable } from '@nestjs/common';
import { usesMonthFacts } from '@qingfen/core-settlement';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { parseAmount } from '@qingfen/money';
import { BlindIndex } from '@qingfen/security';
import { keepEvidence, keepPayee, keepVersion } from './copies.store.js';
import { nameNewShops } from './odd-orders.js';
import { refreshSchedule } from './schedule.store.js';
import { PlanShelf } from './plan-shelf.js';
import { RateFactService } from './rate-fact.service.js';
import { wantRebinding } from './rebinding.store.js';
import { lockCompletions } from './refund.store.js';
import { keepShop } from './shop.store.js';

// Until R-EVO-2 money moves in CNY alone, and a shop's limit is an amount of it.
const limitCurrency = 'CNY';

/** Keeps what other services own and settlement needs: shops, plans, payees, closed windows. */
@Injectable()
export class CopiesService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(BlindIndex) private readonly blindIndex: BlindIndex,
    @Inject(RateFactService) private readonly facts: RateFactService,
  ) {}

  async keepShops(unit: Unit, events: readonly IncomingEvent<'shop-upserted'>[]): Promise<void> {
    await this.betweenCompletions(unit, events);
    for (const { data } of events) {
      await keepShop(unit.tx, {
        shopId: data.shopId,
        name: data.name,
        timezone: data.timezone,
        transferMaxMinor: parseAmount(data.transferMax, limitCurrency),
        withholding: data.withholding ?? null,
        updatedAt: new Date(data.updatedAt),
      });
    }
    await nameNewShops(unit, [...new Set(events.map(({ data }) => data.shopId))]);
    await this.reschedule(unit, events);
  }

  async keepPlans(
    unit: Unit,
    events: readonly IncomingEvent<'settlement-plan-published'>[],
  ): Promise<void> {
    await this.betweenCompletions(unit, events);
    for (const { data } of events) {
      const counted = await this.countsMonths(unit, data.shopId);
      await keepVersion(unit.tx, {
        shopId: data.shopId,
        version: data.version,
        document: data.plan,
        hash: data.hash,
        publishedAt: new Date(data.publishedAt),
        effectiveFrom: new Date(data.effectiveFrom),
        withdrawnAt: data.withdrawnAt === undefined ? null : new Date(data.withdrawnAt),
      });
      await wantRebinding(unit.tx, data.shopId, new Date(data.effectiveFrom));
      if (counted || !(await this.countsMonths(unit, data.shopId))) continue;
      await this.facts.begin(unit, data.shopId, new Date(data.effectiveFrom));
    }
    await this.reschedule(unit, events);
  }

  /** Whether a version of the shop has a rate by what payees sold in the month before. */
  private async countsMonths(unit: Unit, shopId: string): Promise<boolean> {
    const versions = (await this.plans.versionsOf(unit.tx, [shopId])).get(shopId) ?? [];
    return versions.some(({ plan }) => usesMonthFacts(plan));
  }

  /** The newest `time` wins; of equal ones the one that stands later on the topic. */
  async keepPayees(unit: Unit, events: readonly IncomingEvent<'payee-upserted'>[]): Promise<void> {
    for (const { data, event } of events) {
      const { hasAccount, isMended } = await keepPayee(unit.tx, {
        shopId: data.shopId,
        payeeId: data.payeeId,
        roles: data.roles,
        teamId: data.teamId ?? null,
        tasks: data.tasks ?? [],
        level: data.level === undefined ? null : String(data.level),
        // Whether there is an account, and whether it is another one: more is not needed here.
        accountHash:
          data.alipay === undefined
            ? null
            : this.blindIndex.of(
                JSON.stringify([data.alipay.identityType, data.alipay.identity, data.alipay.name]),
              ),
        accountType: data.alipay?.accountType ?? null,
        toldAt: new Date(event.time ?? unit.now),
      });
      const subject = { type: 'payee', id: data.payeeId };
      if (hasAccount) unit.resolveAlert('payee-without-account', subject, data.shopId);
      if (isMended) unit.resolveAlert('payee-account', subject, data.shopId);
    }
  }

  async keepEvidence(
    unit: Unit,
    events: readonly IncomingEvent<'return-window-closed'>[],
  ): Promise<void> {
    await keepEvidence(
      unit.tx,
      events.map(({ data }) => ({
        shopId: data.shopId,
        orderId: data.orderId,
        completedAt: new Date(data.completedAt),
        closedAt: new Date(data.closedAt),
      })),
    );
  }

  /**
   * No completion is half-way while a plan arrives: one that left an order unbound has committed, so that
   * binding finds it; a later one sees the plan.
   */
  private betweenCompletions(
    unit: Unit,
    events: readonly { readonly data: { readonly shopId: string } }[],
  ): Promise<void> {
    return lockCompletions(
      unit.tx,
      events.map(({ data }) => data.shopId),
      'exclusive',
    );
  }

  private async reschedule(
    unit: Unit,
    events: readonly { readonly data: { readonly shopId: string } }[],
  ): Promise<void> {
    for (const shopId of new Set(events.map(({ data }) => data.shopId))) {
      await refreshSchedule(unit.tx, this.plans, shopId);
    }
  }
}
