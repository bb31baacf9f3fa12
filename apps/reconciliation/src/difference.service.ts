import { Injectable } from '@nestjs/common';
import {
  findingKey,
  mergeFindings,
  severityOf,
  suggestionFor,
  type Merged,
  type Standing,
} from '@qingfen/core-reconciliation';
import { advisoryLock } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { ShopDay } from './bill.store.js';
import type { PricedFinding } from './comparison.service.js';
import {
  clearDifferences,
  differenceIdOf,
  placeDifferences,
  releaseDifferences,
  standingFor,
  type Placed,
} from './difference.store.js';

/** More alerts than these at once tell nobody anything: the report has the rest. */
const alertsMax = 100;

/** What a comparison has looked at, and what it found there. */
export interface Noted {
  readonly findings: readonly PricedFinding[];
  /** Things that were open and were looked at again: those of which nothing was found are gone. */
  readonly lookedAt: readonly string[];
  /** Where the other side was read. */
  readonly seenIn: 'bill' | 'account-log';
}

/** What becomes of differences when sides were compared. */
@Injectable()
export class DifferenceService {
  /** Opens, changes and clears differences by what was found, and raises and ends their alerts. */
  async note(unit: Unit, of: ShopDay, { findings, lookedAt, seenIn }: Noted): Promise<Merged> {
    const { shopId, day } = of;
    // Two comparisons of a shop at once would each miss what the other opens.
    await advisoryLock(unit.tx, `differences ${shopId}`, 'exclusive');
    const byKey = new Map(findings.map((finding) => [findingKey(finding), finding]));
    const keys = [...new Set([...byKey.keys(), ...lookedAt])];
    const standing = await standingFor(unit.tx, shopId, keys);
    const merged = mergeFindings(findings, standing);
    const placed: Placed[] = [...merged.opened, ...merged.changed].flatMap((one) => {
      const finding = byKey.get(findingKey(one.finding));
      return finding === undefined ? [] : [{ finding, occurrence: one.occurrence }];
    });
    const when = { shopId, day, at: unit.now };
    await placeDifferences(unit.tx, when, placed);
    const idOf = ({ key, occurrence }: Standing): string => differenceIdOf(shopId, key, occurrence);
    const gone = merged.cleared.map(idOf);
    await clearDifferences(unit.tx, when, gone);
    await releaseDifferences(unit.tx, when, merged.released.map(idOf));
    for (const one of placed.slice(0, alertsMax)) raise(unit, { ...of, seenIn }, one);
    for (const id of gone) endAlertOf(unit, shopId, id);
    return merged;
  }
}

/** Somebody has closed it, or it is gone. */
export function endAlertOf(unit: Unit, shopId: string, differenceId: string): void {
  unit.resolveAlert('reconciliation-difference', { type: 'difference', id: differenceId }, shopId);
}

const placesSeen = {
  bill: { en: 'Bill', zh: '对账' },
  'account-log': { en: 'Account log', zh: '账务流水' },
  export: { en: 'Order export', zh: '订单导出比对' },
} as const;

function raise(
  unit: Unit,
  { shopId, day, seenIn }: ShopDay & Pick<Noted, 'seenIn'>,
  { finding, occurrence }: Placed,
): void {
  const { class: found, comparison, subject, currency, amountMinor } = finding;
  const amount = `${formatAmount(minor(amountMinor), currency)} ${currency}`;
  const { text, textZh } = suggestionFor(found, comparison);
  const id = differenceIdOf(shopId, findingKey(finding), occurrence);
  const what = placesSeen[comparison === 'exports' ? 'export' : seenIn];
  unit.alert({
    class: 'reconciliation-difference',
    severity: severityOf(found, comparison),
    shopId,
    subject: { type: 'difference', id },
    message: `${what.en} of ${day}: ${found}, ${subject.type} ${subject.id}, ${amount}. ${text}`,
    messageZh: `${day} ${what.zh}：${found}，${subject.type} ${subject.id}，${amount}。${textZh}`,
  });
}
