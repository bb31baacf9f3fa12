import { randomUUID } from 'node:crypto';
import type { AlipayConnection } from '@qingfen/alipay';
import {
  askRoyaltyCap,
  askSettle,
  askTrade,
  bindReceivers,
  buildSettleRequest,
  sendSettle,
  SettleRequestError,
  type AskedLeg,
  type StoredSettle,
} from '@qingfen/alipay-royalty';
import type { QueryAnswer, SendOutcome } from '@qingfen/core-payout';
import { minor } from '@qingfen/money';
import { sha256Hex } from '@qingfen/security';
import type { FinishOutcome, SingleFacts, SplitMode } from './merchant.js';
import type { PayeeAccount } from './payee.store.js';

/** Receivers that are remembered as bound, so that each is bound once and not before every split. */
const boundMax = 10_000;

/** A split as it is stored: with its receiver, who is bound before it goes out. */
interface StoredSplit extends StoredSettle {
  readonly receiver: Pick<PayeeAccount, 'identityType' | 'identity' | 'name'>;
}

/** Splits of one application's trades: each to one payee, so that each ends by itself. */
export class AlipaySplits {
  private readonly bound = new Set<string>();

  /** `turnComes` waits for a turn to call Alipay once more than for the split itself. */
  constructor(
    private readonly connection: AlipayConnection,
    private readonly turnComes: () => Promise<boolean>,
  ) {}

  /** Gives Alipay a stored split, byte for byte, when its receiver is bound. */
  async send(stored: StoredSettle): Promise<SendOutcome> {
    const split: StoredSplit = { ...stored, receiver: receiverIn(stored) };
    const unbound = await this.bind(split);
    if (unbound !== null) return unbound;
    const outcome = await sendSettle(stored, this.connection);
    if (outcome.kind !== 'accepted') {
      // A receiver that somebody unbound meanwhile is bound again before the next try.
      if (outcome.kind === 'refused') this.bound.delete(keyOf(split));
      return outcome;
    }
    return this.seen(stored);
  }

  /** Asks for a split by our number. */
  async ask(which: {
    readonly outRequestNo: string;
    readonly tradeNo: string;
  }): Promise<QueryAnswer> {
    const answer = await askSettle(this.connection, which);
    if (answer.kind !== 'found') {
      const isUnheardOf =
        answer.kind === 'refused' && /(^|\.)INVALID_PARAMETER$/.test(answer.failure.subCode ?? '');
      // Our question has the form that it always has: what is wrong with it is that nothing is there.
      if (isUnheardOf) return { kind: 'not-found' };
      const why = 'why' in answer ? answer.why : (answer.failure.subCode ?? answer.failure.code);
      return { kind: 'unclear', why, isKnown: false };
    }
    const legs = answer.legs.filter(({ isReturn }) => !isReturn);
    const [leg, ...more] = legs;
    if (leg === undefined || more.length > 0) {
      return { kind: 'unclear', why: 'the split has not one leg', isKnown: true };
    }
    return answerOf(which.outRequestNo, leg, answer.legs);
  }

  /** The most of a trade that may be split, in whole percent; null where Alipay does not tell. */
  async cap(): Promise<number | null> {
    if (!(await this.turnComes())) return null;
    const number = `QC${randomUUID().replaceAll('-', '').slice(0, 30)}`;
    const answer = await askRoyaltyCap(this.connection, number);
    return answer.kind === 'found' ? answer.maxPercent : null;
  }

  /** What of a trade is frozen for splits, in fen; null where Alipay does not tell. */
  async frozen(tradeNo: string): Promise<bigint | null> {
    const answer = await askTrade(this.connection, tradeNo);
    if (answer.kind === 'not-found') return 0n;
    return answer.kind === 'found' ? (answer.unsettledMinor ?? 0n) : null;
  }

  /** Gives Alipay a stored request that ends the splits of a trade; the same again is harmless. */
  async finish(text: string): Promise<FinishOutcome> {
    // Written by this service alone; the library checks the rest.
    const stored: StoredSettle = JSON.parse(text);
    const outcome = await sendSettle(stored, this.connection);
    if (outcome.kind === 'accepted') return { kind: 'done', why: outcome.settleNo };
    if (outcome.kind !== 'refused') return { kind: 'later', why: outcome.why };
    const why = outcome.failure.subCode ?? outcome.failure.code;
    return { kind: outcome.class === 'N' ? 'refused' : 'later', why };
  }

  /** Null when the receiver is bound; else what came of trying to. Binding again changes nothing. */
  private async bind(split: StoredSplit): Promise<SendOutcome | null> {
    const key = keyOf(split);
    if (this.bound.has(key)) return null;
    if (!(await this.turnComes())) return { kind: 'not-sent', why: 'no turn to bind its receiver' };
    const number = `QR${split.outRequestNo.slice(2)}`;
    const outcome = await bindReceivers(this.connection, number, [split.receiver]);
    switch (outcome.kind) {
      case 'done':
        if (this.bound.size >= boundMax) this.bound.clear();
        this.bound.add(key);
        return null;
      case 'refused':
      case 'not-sent':
        return outcome;
      case 'unclear':
        // The split itself was certainly not sent.
        return { kind: 'not-sent', why: `its receiver is not bound: ${outcome.why}` };
    }
  }

  /** Alipay has taken a split: whether its leg is done is asked. */
  private async seen({ outRequestNo, tradeNo }: StoredSettle): Promise<SendOutcome> {
    const answer = await this.ask({ outRequestNo, tradeNo });
    switch (answer.kind) {
      case 'success':
        return { kind: 'accepted', evidence: answer.evidence };
      case 'returned':
        return { kind: 'returned', evidence: answer.evidence };
      case 'unclear':
        return { kind: 'unclear', why: answer.why };
      default:
        return { kind: 'unclear', why: `Alipay took the split, and it is ${answer.kind}` };
    }
  }
}

/** The bytes of a first split, or why Alipay would refuse it for its form. */
export function makeSplit(
  { payout, account, shopName, splitMode: mode }: SingleFacts,
  appId: string,
): { readonly text: string } | { readonly problem: string } {
  const { outBizNo: outRequestNo, amountMinor, currency, remark, tradeNo } = payout;
  if (tradeNo === null) return { problem: 'it names not one trade to split for all of its amount' };
  const { identityType, identity, name } = account;
  const payee = { identityType, identity, name };
  try {
    const request = buildSettleRequest({
      appId,
      outRequestNo,
      tradeNo,
      currency,
      mode,
      legs: [{ payee, amountMinor }],
      finish: false,
      remark: remark === '' ? shopName : remark,
    });
    return { text: JSON.stringify({ ...request, receiver: payee }) };
  } catch (error) {
    if (error instanceof SettleRequestError) return { problem: error.message };
    throw error;
  }
}

const finishPrefix = 'QE';

/** The number of a split that was told of; null of one that only ended the splits of its trade. */
export function splitNumberIn(outRequestNo: string | null): string | null {
  return outRequestNo?.startsWith(finishPrefix) === true ? null : outRequestNo;
}

/** The bytes that end the splits of a trade, under a number that is derived like all. */
export function makeFinish(trade: {
  readonly shopId: string;
  readonly tradeNo: string;
  readonly appId: string;
  readonly mode: SplitMode;
}): string {
  const { shopId, tradeNo, appId, mode } = trade;
  const request = buildSettleRequest({
    appId,
    outRequestNo: `${finishPrefix}${sha256Hex(`${shopId}|${tradeNo}`).slice(0, 30)}`,
    tradeNo,
    currency: 'CNY',
    mode,
    legs: [],
    finish: true,
    remark: '',
  });
  return JSON.stringify(request);
}

function receiverIn(stored: StoredSettle): StoredSplit['receiver'] {
  if ('receiver' in stored) return (stored as StoredSplit).receiver;
  throw new Error('a stored split names its receiver');
}

function keyOf({ receiver: { identityType, identity, name } }: StoredSplit): string {
  return JSON.stringify([identityType, identity, name]);
}

function answerOf(
  outBizNo: string,
  { state, amountMinor, detailId }: AskedLeg,
  legs: readonly AskedLeg[],
): QueryAnswer {
  const evidence = { outBizNo, amountMinor, alipayOrderId: detailId };
  switch (state.kind) {
    case 'open':
      return { kind: 'unclear', why: state.why, isKnown: true };
    case 'failed': {
      const { failure, payeeFault } = state;
      return { kind: 'ended', outBizNo, payeeFault, failure };
    }
    case 'done': {
      const back = legs.filter((leg) => leg.isReturn && leg.state.kind === 'done');
      const returnedMinor = minor(back.reduce((sum, leg) => sum + leg.amountMinor, 0n));
      if (returnedMinor === 0n) return { kind: 'success', evidence };
      if (returnedMinor >= amountMinor) return { kind: 'returned', evidence };
      return { kind: 'part-returned', evidence, returnedMinor };
    }
  }
}
