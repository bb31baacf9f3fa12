import { Inject, Injectable } from '@nestjs/common';
import type { ExplanationDifference } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { Units } from '@qingfen/messaging';
import { differenceWords } from './explanation-words.js';
import type { Difference } from './order-verdict.js';

/** One alert a thing, and not more than these at once: the answer lists the rest. */
const alertsAtOnce = 20;
const alertClass = 'explanation-differs';

/** Something that was recomputed, and what of it is booked otherwise. */
export interface Judged {
  readonly subject: Difference['subject'];
  readonly differences: readonly Difference[];
}

/** Tells somebody where the books are not what the facts come to, and when they are again. */
@Injectable()
export class ExplanationAlarm {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Pick<Units, 'run'>,
  ) {}

  async note(shopId: string, judged: readonly Judged[]): Promise<void> {
    const wrong = judged.filter(({ differences }) => differences.length > 0);
    const right = judged.filter(({ differences }) => differences.length === 0);
    const raised = await this.raisedAmong(shopId, right);
    if (wrong.length + raised.length === 0) return;
    await this.units.run((unit) => {
      for (const { subject, differences } of wrong.slice(0, alertsAtOnce)) {
        const [first] = differences;
        if (first === undefined) continue;
        const words = differenceWords(first);
        const more = differences.length === 1 ? '' : ` (and ${differences.length - 1} more)`;
        const moreZh = differences.length === 1 ? '' : ` (另有 ${differences.length - 1} 处)`;
        unit.alert({
          class: 'explanation-differs',
          severity: 'critical',
          shopId,
          subject,
          message: `The books are not what the facts come to: ${words.message}${more}`,
          messageZh: `账簿与按事实重算的结果不一致: ${words.messageZh}${moreZh}`,
        });
      }
      for (const subject of raised) unit.resolveAlert(alertClass, subject, shopId);
      return Promise.resolve();
    });
  }

  /** Reading must not write each time: only what was raised is ended. */
  private async raisedAmong(
    shopId: string,
    right: readonly Judged[],
  ): Promise<Difference['subject'][]> {
    if (right.length === 0) return [];
    const rows = await this.database.query<{ subject_type: string; subject_id: string }>(
      `SELECT subject_type, subject_id FROM alert
        WHERE shop_id = $1 AND class = $2 AND state = 'raised'`,
      [shopId, alertClass],
    );
    const raised = new Set(rows.map((row) => `${row.subject_type} ${row.subject_id}`));
    return right
      .map(({ subject }) => subject)
      .filter(({ type, id }) => raised.has(`${type} ${id}`));
  }
}

/** Differences as the API shows them; the first of very many. */
export function differencesView(differences: readonly Difference[]): ExplanationDifference[] {
  return differences.slice(0, 1000).map((difference) => ({
    subject: difference.subject,
    what: difference.what,
    entryId: difference.entryId === null ? null : `en_${difference.entryId}`,
    expected: difference.expected,
    booked: difference.booked,
    ...differenceWords(difference),
  }));
}
