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

/** What becomes of differences when a day was compared. */
@Injectable()
export class DifferenceService {
  /** Opens, changes and clears differences by what was found, and raises and ends their alerts. */
  async note(unit: Unit, of: ShopDay, findings: readonly PricedFinding[]): Promise<Merged> {
    const { shopId, day } = of;
    // Two days of a shop at once would each miss what the other opens.
    await advisoryLock(unit.tx, `differences ${shopId}`, 'exclusive');
    const byKey = new Map(findings.map((finding) => [findingKey(finding), finding]));
    const standing = await standingFor(unit.tx, shopId, [...byKey.keys()]);
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
    for (const one of placed.slice(0, alertsMax)) raise(unit, of, one);
    for (const id of gone) endAlertOf(unit, shopId, id);
    return merged;
  }
}

/** Somebody has closed it, or it is gone. */
export function endAlertOf(unit: Unit, shopId: string, differenceId: string): void {
  unit.resolveAlert('reconciliation-difference', { type: 'difference', id: differenceId }, shopId);
}

function raise(unit: Unit, { shopId, day }: ShopDay, { finding, occurrence }: Placed): void {
  const { class: found, subject, currency, amountMinor } = finding;
  const amount = `${formatAmount(minor(amountMinor), currency)} ${currency}`;
  const { text, textZh } = suggestionFor(found);
  const id = differenceIdOf(shopId, findingKey(finding), occurrence);
  unit.alert({
    class: 'reconciliation-difference',
    severity: severityOf(found),
    shopId,
    subject: { type: 'difference', id },
    message: `Bill of ${day}: ${found}, ${subject.type} ${subject.id}, ${amount}. ${text}`,
    messageZh: `${day} 对账：${found}，${subject.type} ${subject.id}，${amount}。${textZh}`,
  });
}
