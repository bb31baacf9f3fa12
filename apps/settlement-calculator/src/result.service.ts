import { Inject, Injectable } from '@nestjs/common';
import {
  payoutGivenBackLegs,
  payoutReturnedLegs,
  payoutSucceededLegs,
  withheldBack,
} from '@qingfen/core-settlement';
import { LOGGER } from '@qingfen/hosting';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { minor, parseAmount } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import { EntryBook, lockForEntries } from './entry-book.js';
import { holdEntry } from './hold.store.js';
import type { Leg, LedgerTransaction } from './ledger.store.js';
import {
  holdPayeeAccount,
  lockPayouts,
  noteReturned,
  noteResults,
  payoutKey,
  type NotedResult,
  type PayoutRow,
} from './payout.store.js';
import { askForRest } from './royalty.service.js';
import type { SingleEntry } from './single-entry.store.js';

type Result = IncomingEvent<'payout-result'>;

interface Paid {
  readonly event: Result;
  readonly payout: PayoutRow;
}

/** Books what became of payouts: paid, or given back to the payee's next statement. */
@Injectable()
export class ResultService {
  constructor(
    @Inject(EntryBook) private readonly book: EntryBook,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A lower `seq` than the one known is ignored, and so is an end that was booked before. */
  async note(unit: Unit, events: readonly Result[]): Promise<void> {
    await lockForEntries(
      unit.tx,
      events.map(({ data }) => data.shopId),
    );
    const payouts = await lockPayouts(
      unit.tx,
      events.map(({ data }) => data),
    );
    // Nearly all of them are payments that arrived: those of a batch are booked together.
    let paid: Paid[] = [];
    // Splits that ended: what was held back behind the last of a statement is asked for.
    const splits: PayoutRow[] = [];
    for (const event of events) {
      const { shopId, payoutId, status } = event.data;
      const payout = payouts.get(payoutKey(shopId, payoutId));
      const problem = payout === undefined ? 'names no payout of ours' : mismatch(payout, event);
      if (payout === undefined || problem !== null) {
        unit.refuse(event, 'contradicts', `data.payoutId: "${payoutId}" ${problem}`);
        continue;
      }
      const seq = BigInt(event.data.seq);
      if (seq <= payout.seq) continue;
      const returnedMinor = returnedBy(event, payout);
      if (status === payout.status && returnedMinor <= payout.returned_minor) continue;
      payouts.set(payoutKey(shopId, payoutId), {
        ...payout,
        status,
        seq,
        returned_minor: returnedMinor,
        withheld_back_minor: withheldBackBy(status, payout, returnedMinor),
      });
      if (payout.status === null && payout.pay_via === 'royalty') splits.push(payout);
      if (status === 'succeeded' && returnedMinor === 0n) {
        paid.push({ event, payout });
        continue;
      }
      await this.bookPaid(unit, paid);
      paid = [];
      if (payout.pay_via === 'royalty' && (status === 'succeeded' || status === 'returned')) {
        await this.bookReturned(unit, { event, payout }, returnedMinor);
      } else await this.bookOne(unit, event, payout);
    }
    await this.bookPaid(unit, paid);
    await askForRest(
      unit,
      splits.map((payout) => ({ shopId: payout.shop_id, statementId: payout.statement_id })),
    );
  }

  private async bookPaid(unit: Unit, paid: readonly Paid[]): Promise<void> {
    if (paid.length === 0) return;
    await noteResults(
      unit.tx,
      paid.map(({ event }) => resultOf(event)),
    );
    await this.book.book(unit, {
      transactions: paid.map(({ event, payout }) => transactionOf(event, payout, unit.now)),
    });
    for (const { event } of paid) this.tell(event);
  }

  private async bookOne(unit: Unit, event: Result, payout: PayoutRow): Promise<void> {
    const { data } = event;
    const at = new Date(data.at);
    await noteResults(unit.tx, [resultOf(event)]);
    const gaveBack = data.status !== 'succeeded';
    const { entryIds } = await this.book.book(unit, {
      entries: gaveBack ? [giveBack(event, payout, at)] : [],
      transactions: [transactionOf(event, payout, unit.now)],
    });
    if (gaveBack && data.payeeFault === true) await this.holdAccount(unit, payout, at);
    // A split that failed for its trade is stated again without one: it goes by transfer.
    else if (data.status === 'failed' && payout.pay_via !== 'royalty')
      await this.holdGiveBack(unit, payout, entryIds[0]);
    this.tell(event);
  }

  /**
   * A refund took a split back, or a part of it: what came back is owed to the payee again, against the
   * correction that the refund books. Where its success was never booked, the split is booked first.
   */
  private async bookReturned(
    unit: Unit,
    { event, payout }: Paid,
    returnedMinor: bigint,
  ): Promise<void> {
    const at = new Date(event.data.at);
    if (event.data.status !== payout.status) await noteResults(unit.tx, [resultOf(event)]);
    const seq = BigInt(event.data.seq);
    const withheldBackMinor = withheldBackBy(event.data.status, payout, returnedMinor);
    await noteReturned(unit.tx, payout, { seq, returnedMinor, withheldBackMinor });
    const amountMinor = minor(returnedMinor - payout.returned_minor);
    const withheldMinor = minor(withheldBackMinor - payout.withheld_back_minor);
    const { shop_id: shopId, kind, payee_id: payeeId, currency } = payout;
    const back: LedgerTransaction = {
      shopId,
      bookedAt: unit.now,
      valueAt: at,
      currency,
      cause: 'split-return',
      causeId: payout.payout_id,
      legs: payoutReturnedLegs({ kind, payeeId, amountMinor, withheldMinor }),
    };
    const success = { ...event, data: { ...event.data, status: 'succeeded' as const } };
    const first = payout.status === null ? [transactionOf(success, payout, unit.now)] : [];
    const owedMinor = minor(amountMinor + withheldMinor);
    const entry = {
      ...giveBack(event, payout, at),
      cause: 'split-return' as const,
      amountMinor: owedMinor,
    };
    await this.book.book(unit, { entries: [entry], transactions: [...first, back] });
    this.tell(event);
  }

  private tell({ correlationId, data: { shopId, payoutId, status } }: Result): void {
    this.logger.info({ correlationId, shopId, payoutId, status }, 'payout result booked');
  }

  /**
   * Alipay refused the request itself: stated again it would be refused again, until somebody looks.
   * Payout's alert `payout-failed` calls for it.
   */
  private async holdGiveBack(
    unit: Unit,
    payout: PayoutRow,
    entryId: bigint | undefined,
  ): Promise<void> {
    if (entryId === undefined) throw new Error('a give-back has a number');
    const { shop_id: shopId, payout_id: payoutId } = payout;
    await holdEntry(unit.tx, { shopId, entryId, key: payoutId, at: unit.now });
  }

  /** Not placed if the account has changed since the one that was tried. */
  private async holdAccount(unit: Unit, payout: PayoutRow, at: Date): Promise<void> {
    if (!(await holdPayeeAccount(unit.tx, payout, at))) return;
    const { shop_id: shopId, payee_id: payeeId } = payout;
    unit.alert({
      class: 'payee-account',
      severity: 'warning',
      shopId,
      subject: { type: 'payee', id: payeeId },
      message: `Alipay cannot pay payee ${payeeId}; its money waits until the account is changed.`,
      messageZh: `支付宝无法向收款方 ${payeeId} 付款,款项将保留至账号更正。`,
    });
  }
}

function resultOf({ data }: Result): NotedResult {
  const { shopId, payoutId, status } = data;
  const alipayOrderId = data.alipayOrderId ?? null;
  return {
    shopId,
    payoutId,
    status,
    seq: BigInt(data.seq),
    alipayOrderId,
    endedAt: new Date(data.at),
  };
}

/** What has come back of a split by now, in minor units: all of it once it is `returned`. */
function returnedBy({ data }: Result, payout: PayoutRow): bigint {
  if (payout.pay_via !== 'royalty') return 0n;
  if (data.status === 'returned') return payout.amount_minor;
  const told = data.returnedAmount;
  return told === undefined ? payout.returned_minor : parseAmount(told, data.currency);
}

/** What has been given back of a payout's tax by now; with all of its money, all of it. */
function withheldBackBy(
  status: Result['data']['status'],
  payout: PayoutRow,
  returnedMinor: bigint,
): bigint {
  const { amount_minor: amountMinor, withheld_minor: withheldMinor } = payout;
  if (status !== 'succeeded') return withheldMinor;
  return withheldBack({ amountMinor, withheldMinor }, returnedMinor);
}

function transactionOf({ data }: Result, payout: PayoutRow, bookedAt: Date): LedgerTransaction {
  const { shopId, payoutId, status } = data;
  const movedAt = status === 'succeeded' || status === 'returned' ? new Date(data.at) : null;
  return {
    shopId,
    bookedAt,
    valueAt: movedAt,
    currency: payout.currency,
    cause: `payout-${status}`,
    causeId: payoutId,
    legs: legsOf(status, payout),
  };
}

function mismatch(payout: PayoutRow, event: Result): string | null {
  const { data } = event;
  if (data.currency !== payout.currency) return 'has another currency than was asked for';
  if (parseAmount(data.amount, data.currency) !== payout.amount_minor) {
    return 'has another amount than was asked for';
  }
  if (returnedBy(event, payout) > payout.amount_minor) return 'came back more than it was';
  const { status, seq } = payout;
  if (status === null || status === data.status || BigInt(data.seq) <= seq) return null;
  return status === 'succeeded' && data.status === 'returned' ? null : 'has ended before';
}

/** The only place where the money of a payout that did not arrive stands, with the tax withheld of it. */
function giveBack(event: Result, payout: PayoutRow, at: Date): SingleEntry {
  return {
    shopId: payout.shop_id,
    orderId: '',
    itemId: null,
    kind: payout.kind,
    level: null,
    payeeId: payout.payee_id,
    currency: payout.currency,
    amountMinor: payout.amount_minor + payout.withheld_minor,
    maturesAt: at,
    planVersion: null,
    corrects: null,
    cause: 'give-back',
    causeId: payout.payout_id,
    evidence: null,
    correlationId: event.correlationId,
  };
}

function legsOf(status: Result['data']['status'], payout: PayoutRow): readonly Leg[] {
  const amountMinor = minor(payout.amount_minor);
  const withheldMinor = minor(payout.withheld_minor);
  const fact = { kind: payout.kind, payeeId: payout.payee_id, amountMinor, withheldMinor };
  switch (status) {
    case 'succeeded':
      return payoutSucceededLegs(amountMinor);
    case 'failed':
    case 'cancelled':
      return payoutGivenBackLegs(fact);
    case 'returned': {
      // Where its success was overtaken and never booked, the money left and came back at once.
      const left = payout.status === null ? payoutSucceededLegs(amountMinor) : [];
      return [...left, ...payoutReturnedLegs(fact)];
    }
    default: {
      const never: never = status;
      return never;
    }
  }
}
