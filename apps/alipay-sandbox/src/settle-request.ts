import { createHash } from 'node:crypto';

import type { BizContent } from './checks.js';
import { amountIn, canonicalJson, objectIn, objectsIn, optionalText, textOf } from './fields.js';
import type { Trade } from './trade-room.js';

/** One share of a split, read and found well-formed. */
export interface SettleLeg {
  readonly account: string;
  readonly type: 'userId' | 'loginName' | 'openId';
  readonly name: string | null;
  readonly amountMinor: bigint;
  readonly desc: string | null;
}

export interface SettleRequest {
  readonly outRequestNo: string;
  readonly mode: 'sync' | 'async';
  readonly legs: readonly SettleLeg[];
  /** What is released besides: fen, `all` for the rest, null for nothing. */
  readonly releases: bigint | 'all' | null;
  readonly digest: string;
}

/** Alipay recommends `async` above five; it publishes no most. */
const LEGS_MAX = 50;

/**
 * Reads a split, or returns the sub-code that it deserves before anybody's account is looked at.
 * Percentages are of what the buyer paid, cut to the fen.
 */
export function readSettle(biz: BizContent, trade: Trade): SettleRequest | string {
  const outRequestNo = textOf(biz, 'out_request_no');
  const mode = textOf(biz, 'royalty_mode') || 'sync';
  if (!/^[A-Za-z0-9_]{1,64}$/.test(outRequestNo)) return 'ACQ.INVALID_PARAMETER';
  if (mode !== 'sync' && mode !== 'async') return 'ACQ.INVALID_PARAMETER';
  const given = biz['royalty_parameters'] === undefined ? [] : objectsIn(biz, 'royalty_parameters');
  if (given === undefined || given.length > LEGS_MAX) return 'ACQ.INVALID_PARAMETER';
  const legs: SettleLeg[] = [];
  for (const parameter of given) {
    const leg = readLeg(parameter, trade);
    if (typeof leg === 'string') return leg;
    legs.push(leg);
  }
  const releases = releasesIn(objectIn(biz, 'extend_params') ?? {});
  if (releases === undefined) return 'ACQ.INVALID_PARAMETER';
  if (legs.length === 0 && releases === null) return 'ACQ.INVALID_PARAMETER';
  const digest = createHash('sha256').update(canonicalJson(biz)).digest('hex');
  return { outRequestNo, mode, legs, releases, digest };
}

function readLeg(given: BizContent, trade: Trade): SettleLeg | string {
  const royaltyType = textOf(given, 'royalty_type') || 'transfer';
  // Nobody here has the contract under which a marketing account makes up for discounts.
  if (royaltyType === 'replenish') return 'ACQ.REPLENISH_ACCOUNT_INVALID';
  if (royaltyType !== 'transfer') return 'ACQ.INVALID_PARAMETER';
  const type = textOf(given, 'trans_in_type') || 'userId';
  if (type !== 'userId' && type !== 'loginName' && type !== 'openId') {
    return 'ACQ.INVALID_PARAMETER';
  }
  const account = textOf(given, 'trans_in');
  const amountMinor = legAmount(given, trade);
  if (account === '' || amountMinor === undefined) return 'ACQ.INVALID_PARAMETER';
  const name = optionalText(given, 'trans_in_name');
  return { account, type, name, amountMinor, desc: optionalText(given, 'desc') };
}

function legAmount(given: BizContent, trade: Trade): bigint | undefined {
  const percentage = given['amount_percentage'];
  if (percentage === undefined) {
    const amountMinor = amountIn(given, 'amount');
    return amountMinor === undefined || amountMinor <= 0n ? undefined : amountMinor;
  }
  const share = Number(percentage);
  if (given['amount'] !== undefined || !Number.isInteger(share) || share < 1 || share > 100) {
    return undefined;
  }
  return (trade.totalMinor * BigInt(share)) / 100n || undefined;
}

/** Null for nothing to release, undefined for what makes no sense. */
function releasesIn(extend: BizContent): bigint | 'all' | null | undefined {
  const finish = textOf(extend, 'royalty_finish') || 'false';
  if (finish !== 'true' && finish !== 'false') return undefined;
  if (extend['royalty_finish_amount'] !== undefined) {
    const part = amountIn(extend, 'royalty_finish_amount');
    return part === undefined || part <= 0n ? undefined : part;
  }
  return finish === 'true' ? 'all' : null;
}
