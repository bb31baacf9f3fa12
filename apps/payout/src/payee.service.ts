import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import type { EventData, PayeeBody } from '@qingfen/contracts';
import { audit } from '@qingfen/hosting';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { payeeKey, PayeeStore, type Payee, type ToldPayee } from './payee.store.js';
import { resumeWaiting } from './waiting-room.js';

/** A telling that came too late: a later one is known. */
export interface Outdated {
  readonly kind: 'outdated';
  readonly toldAt: Date;
}

/** Keeps payees and their accounts as they are told, from upstream and by hand. */
@Injectable()
export class PayeeService {
  constructor(
    private readonly units: Units,
    private readonly store: PayeeStore,
  ) {}

  /** Applies what stands on the topic: the latest time wins, of equal ones the later message. */
  async applyTold(unit: Unit, events: readonly IncomingEvent<'payee-upserted'>[]): Promise<void> {
    const authentic = events.filter((event) => {
      if (event.signedBy === null || event.signedBy === 'payout') return true;
      unit.refuse(event, 'unauthenticated', `payees are not told by ${event.signedBy}`);
      return false;
    });
    const told = authentic.flatMap(({ event, data }) =>
      event.time === undefined
        ? []
        : [
            {
              ...payeeFrom(data, parseInstant(event.time)),
              by: null,
              heardAt: unit.now,
            },
          ],
    );
    await this.take(unit, told);
  }

  /** Writes a payee by hand and tells everybody, with the clock's now as its time. */
  async put(
    named: { readonly shopId: string; readonly payeeId: string },
    body: PayeeBody,
    caller: Caller,
  ): Promise<Payee | Outdated> {
    return this.units.run(async (unit) => {
      const data: EventData['payee-upserted'] = { ...named, ...body };
      const payee = payeeFrom(data, unit.now);
      const before = (await this.store.load(unit.tx, [named])).get(payeeKey(named)) ?? null;
      const taken = await this.take(unit, [{ ...payee, by: caller.subject, heardAt: unit.now }]);
      if (!taken.has(payeeKey(named))) {
        return { kind: 'outdated' as const, toldAt: before?.toldAt ?? unit.now };
      }
      unit.say({ topic: 'payee-upserted', key: named.payeeId, data, time: unit.now });
      await audit(unit.tx, {
        caller,
        action: 'payee.put',
        subject: { type: 'payee', id: named.payeeId },
        shopId: named.shopId,
        before: before === null ? null : auditedFrom(before),
        after: auditedFrom(payee),
        reason: null,
        at: unit.now,
      });
      return payee;
    });
  }

  private async take(unit: Unit, told: readonly ToldPayee[]): Promise<Set<string>> {
    const taken = await this.store.upsert(unit.tx, told);
    const paid = told.filter((payee) => payee.account !== null && taken.has(payeeKey(payee)));
    for (const shopId of new Set(paid.map((payee) => payee.shopId))) {
      const payees = paid.filter((payee) => payee.shopId === shopId);
      const payeeIds = payees.map(({ payeeId }) => payeeId);
      await resumeWaiting(unit, { reason: 'payee', shopId, payeeIds }, 'the account was told');
    }
    // Payees are blocked for accounts that others have too: any account that is told may end that.
    for (const shopId of new Set(told.map((payee) => payee.shopId))) {
      await resumeWaiting(unit, { state: 'blocked', shopId }, 'an account of the shop was told');
    }
    return taken;
  }
}

function payeeFrom(data: EventData['payee-upserted'], toldAt: Date): Payee {
  const { shopId, payeeId, name, roles, alipay } = data;
  return {
    shopId,
    payeeId,
    name,
    roles,
    teamId: data.teamId ?? null,
    tasks: data.tasks ?? [],
    level: data.level ?? null,
    account: alipay === undefined ? null : { ...alipay, accountType: alipay.accountType ?? null },
    toldAt,
  };
}

function auditedFrom({ name, roles, teamId, tasks, level, account }: Payee): object {
  // The account itself stays out of the audit: that it is there, and of which type, is enough.
  return { name, roles, teamId, tasks, level, identityType: account?.identityType ?? null };
}
