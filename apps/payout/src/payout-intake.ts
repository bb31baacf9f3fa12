import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import type { EventData } from '@qingfen/contracts';
import { asRequested, type Instruction, type Payout } from '@qingfen/core-payout';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { parseAmount, ZERO, type Minor } from '@qingfen/money';
import { askSplitsSoon } from './ask.store.js';
import { outBizNoOf } from './out-biz-no.js';
import { insertPayouts, keyText, loadPayouts, type NewPayout } from './payout.store.js';
import { upsertShops } from './shop.store.js';

type Requested = EventData['payout-requested'];

/** Takes instructions to pay. None is acted on here: a sender proves each before money moves. */
@Injectable()
export class PayoutIntake {
  /** Keeps instructions of settlement-calculator; the same fact again changes nothing. */
  async take(unit: Unit, events: readonly IncomingEvent<'payout-requested'>[]): Promise<void> {
    const proven = events.filter((event) => this.isProven(unit, event));
    const fresh = new Map<string, { added: NewPayout; event: IncomingEvent<'payout-requested'> }>();
    const again: IncomingEvent<'payout-requested'>[] = [];
    for (const event of proven) {
      const key = keyText(event.data);
      if (fresh.has(key)) again.push(event);
      else fresh.set(key, { added: newPayout(event, unit.now), event });
    }
    const inOrder = [...fresh.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const added = await insertPayouts(
      unit.tx,
      inOrder.map((entry) => entry.added),
    );
    again.push(...inOrder.filter((entry) => !added.has(keyOf(entry))).map(({ event }) => event));
    await this.judgeAgain(unit, again);
  }

  /** Keeps shops' names and time zones. */
  async takeShops(unit: Unit, events: readonly IncomingEvent<'shop-upserted'>[]): Promise<void> {
    const shops = events.filter(({ signedBy }) => signedBy === 'rules');
    await upsertShops(
      unit.tx,
      shops.map(({ data: { shopId, name, timezone, updatedAt } }) => {
        return { shopId, name, timezone, updatedAt: parseInstant(updatedAt) };
      }),
    );
  }

  /** Has Alipay asked about splits of refunded orders: a part of them may have come back. */
  async hearRefunds(unit: Unit, events: readonly IncomingEvent<'order-refunded'>[]): Promise<void> {
    await askSplitsSoon(
      unit.tx,
      events.map(({ data: { shopId, orderId } }) => ({ shopId, orderId })),
    );
  }

  private isProven(unit: Unit, event: IncomingEvent<'payout-requested'>): boolean {
    if (event.signedBy === 'settlement-calculator') return true;
    const signer = event.signedBy ?? 'nobody';
    unit.refuse(event, 'unauthenticated', `signed by ${signer}, not by settlement-calculator`);
    unit.alert({
      class: 'forged-message',
      severity: 'critical',
      ends: 'when-acknowledged',
      shopId: event.data.shopId,
      subject: { type: 'payout', id: event.data.payoutId },
      message: `An instruction to pay was signed by ${signer}; it has no effect.`,
      messageZh: `付款指令的签名方为 ${signer}, 已拒绝执行.`,
    });
    return false;
  }

  private async judgeAgain(
    unit: Unit,
    events: readonly IncomingEvent<'payout-requested'>[],
  ): Promise<void> {
    const known = await loadPayouts(
      unit.tx,
      events.map(({ data }) => data),
    );
    const byKey = new Map(known.map(({ payout }) => [keyText(payout), payout]));
    for (const event of events) {
      const payout = byKey.get(keyText(event.data));
      const field = payout === undefined ? null : differingField(payout, event.data);
      if (field === null) continue;
      const { shopId, payoutId } = event.data;
      unit.refuse(event, 'contradicts', `${field} differs from what was asked for ${payoutId}`);
      unit.alert({
        class: 'payout-contradicted',
        severity: 'critical',
        ends: 'when-acknowledged',
        shopId,
        subject: { type: 'payout', id: payoutId },
        message: `Payout ${payoutId} was asked for again with another ${field}; the first stands.`,
        messageZh: `付款 ${payoutId} 被再次请求且 ${field} 不同, 以首次为准.`,
      });
    }
  }
}

function keyOf({ added }: { readonly added: NewPayout }): string {
  return keyText(added.payout);
}

function differingField(payout: Payout, data: Requested): keyof Requested | null {
  if (payout.statementId !== data.statementId) return 'statementId';
  if (payout.payeeId !== data.payeeId) return 'payeeId';
  if (payout.kind !== data.kind) return 'kind';
  if (payout.currency !== data.currency) return 'currency';
  if (payout.payVia !== data.payVia) return 'payVia';
  if (payout.amountMinor !== parseAmount(data.amount, data.currency)) return 'amount';
  return payout.withheldMinor === withheldOf(data) ? null : 'withheld';
}

function withheldOf({ withheld, currency }: Requested): Minor {
  return withheld === undefined ? ZERO : parseAmount(withheld, currency);
}

/** The trade that is split for it: one payout is one split of one trade, for all of its amount. */
function tradeOf({ payVia, legs, amount }: Requested): string | null {
  const [leg, ...more] = legs ?? [];
  if (payVia !== 'royalty' || leg === undefined || more.length > 0) return null;
  return leg.amount === amount ? leg.alipayTradeNo : null;
}

function newPayout(
  { data, correlationId }: IncomingEvent<'payout-requested'>,
  now: Date,
): NewPayout {
  const instruction: Instruction = {
    shopId: data.shopId,
    payoutId: data.payoutId,
    statementId: data.statementId,
    part: data.part,
    parts: data.parts,
    payeeId: data.payeeId,
    kind: data.kind,
    amountMinor: parseAmount(data.amount, data.currency),
    withheldMinor: withheldOf(data),
    currency: data.currency,
    payVia: data.payVia,
    tradeNo: tradeOf(data),
    remark: data.remark,
    requestedAt: parseInstant(data.requestedAt),
    outBizNo: outBizNoOf(data),
  };
  const payout = asRequested(instruction, { makers: data.makers ?? [], at: now });
  return { payout, legs: data.legs ?? [], correlationId };
}
