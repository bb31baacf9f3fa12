import { failuresMax } from './judge-brake.js';
import type { AnomalyMode, BrakeSettings, ListedPayee, RiskSettings, SameAccount } from './risk.js';

/** From what lets everything through to what lets nothing. */
const SAME_ACCOUNT: readonly SameAccount[] = ['pass', 'review', 'block'];
const ANOMALY: readonly AnomalyMode[] = ['off', 'shadow', 'review', 'block'];

/** The limits that let more through than before, as pointers into the settings. */
export function raisedLimits(before: RiskSettings, after: RiskSettings): readonly string[] {
  const raised: readonly (readonly [pointer: string, isRaised: boolean])[] = [
    ['/perPayout/review', isMore(before.perPayout.reviewMinor, after.perPayout.reviewMinor)],
    ['/perPayout/block', isMore(before.perPayout.blockMinor, after.perPayout.blockMinor)],
    ['/payeeDaily', isMore(before.payeeDailyMinor, after.payeeDailyMinor)],
    ['/shopDaily', isMore(before.shopDailyMinor, after.shopDailyMinor)],
    ['/frequency', isMoreOften(before.frequency, after.frequency)],
    ['/coolingOffHours', after.coolingOffHours < before.coolingOffHours],
    ['/sameAccount', isLaxer(SAME_ACCOUNT, before.sameAccount, after.sameAccount)],
    ['/anomaly', isLaxer(ANOMALY, before.anomaly, after.anomaly)],
    ['/payoutRatioMax', after.payoutRatioMaxPpm > before.payoutRatioMaxPpm],
    ['/manualMax', isMore(before.manualMaxMinor, after.manualMaxMinor)],
    ['/brake/failures', isLaterStopped(before.brake.failures, after.brake.failures)],
    ['/brake/total', isMoreFree(before.brake.total, after.brake.total)],
    ['/brake/balanceMin', isLess(before.brake.balanceMinMinor, after.brake.balanceMinMinor)],
    ['/allow', !isCovered(after.allow, before.allow)],
    ['/block', !isCovered(before.block, after.block)],
  ];
  return raised.flatMap(([pointer, isRaised]) => (isRaised ? [pointer] : []));
}

function isMore(before: bigint | null, after: bigint | null): boolean {
  if (before === null) return false;
  return after === null || after > before;
}

/** Whether more payouts fit into some stretch of time than before. */
function isMoreOften(before: RiskSettings['frequency'], after: RiskSettings['frequency']): boolean {
  if (before === null) return false;
  return after === null || after.count > before.count || after.hours < before.hours;
}

/** Whether there are failures that stopped payouts before and do not any more. */
function isLaterStopped(
  before: BrakeSettings['failures'],
  after: BrakeSettings['failures'],
): boolean {
  if (before === null) return false;
  return after === null || after.of < before.of || failuresMax(after) > failuresMax(before);
}

function isMoreFree(before: BrakeSettings['total'], after: BrakeSettings['total']): boolean {
  if (before === null) return false;
  return after === null || after.percent > before.percent || after.fromMinor > before.fromMinor;
}

function isLess(before: bigint | null, after: bigint | null): boolean {
  if (before === null) return false;
  return after === null || after < before;
}

function isLaxer<W>(order: readonly W[], before: W, after: W): boolean {
  return order.indexOf(after) < order.indexOf(before);
}

/** Whether every payee of one list stands on the other, for as long at least. */
function isCovered(list: readonly ListedPayee[], by: readonly ListedPayee[]): boolean {
  const until = new Map(by.map((listed) => [listed.payeeId, listed.until]));
  return list.every((listed) => {
    const end = until.get(listed.payeeId);
    if (end === undefined) return false;
    return end === null || (listed.until !== null && listed.until <= end);
  });
}
