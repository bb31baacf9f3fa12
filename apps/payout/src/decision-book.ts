import {
  paidWithoutUs,
  type Decision,
  type Payout,
  type PayoutAlertClass,
  type Transition,
} from '@qingfen/core-payout';
import type { Unit } from '@qingfen/messaging';
import { formatAmount } from '@qingfen/money';
import { saveVerdicts, type Verdict } from './decision.store.js';
import { alertSubject, payoutAlert } from './payout-alerts.js';
import { keyText } from './payout.store.js';

/**
 * Writes decisions, appends their transitions, says the results of those that ended, and raises
 * or ends alerts, all in the unit. Answers the verdicts that were written; the rest had been
 * changed by somebody else since they were read, and nothing of them is kept.
 */
export async function recordVerdicts<V extends Verdict>(
  unit: Unit,
  verdicts: readonly V[],
): Promise<V[]> {
  const one = [
    ...new Map(verdicts.map((verdict) => [keyText(verdict.held.payout), verdict])).values(),
  ];
  const saved = await saveVerdicts(unit.tx, one);
  const kept = one.filter(({ held }) => saved.has(keyText(held.payout)));
  for (const { held, decision } of kept) {
    for (const transition of decision.transitions) {
      sayResult(unit, decision.payout, transition, held.correlationId);
    }
    for (const alertClass of decision.alerts) unit.alert(payoutAlert(alertClass, decision.payout));
    for (const alertClass of endedAlerts(held.payout, decision)) {
      unit.resolveAlert(alertClass, alertSubject(alertClass, held.payout), held.payout.shopId);
    }
  }
  return kept;
}

type ResultStatus = 'succeeded' | 'failed' | 'cancelled' | 'returned';

function resultStatus(state: Payout['state']): ResultStatus | null {
  switch (state) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'returned':
      return state;
    default:
      return null;
  }
}

function sayResult(
  unit: Unit,
  payout: Payout,
  { to, seq, at }: Transition,
  correlationId: string,
): void {
  const status = resultStatus(to);
  if (status === null) return;
  const { shopId, payoutId, statementId, payeeId, kind, currency, failure } = payout;
  unit.say({
    topic: 'payout-result',
    key: payeeId,
    id: `${shopId}:${payoutId}:${seq}`,
    correlationId,
    data: {
      shopId,
      payoutId,
      statementId,
      payeeId,
      kind,
      status,
      seq,
      amount: formatAmount(payout.amountMinor, currency),
      currency,
      ...(payout.alipayOrderId === null ? {} : { alipayOrderId: payout.alipayOrderId }),
      ...(payout.returnedMinor === 0n
        ? {}
        : { returnedAmount: formatAmount(payout.returnedMinor, currency) }),
      ...(status === 'failed' ? { payeeFault: payout.payeeFault } : {}),
      ...(failure === null || status === 'succeeded' ? {} : { failure }),
      at: at.toISOString(),
    },
  });
}

function endedAlerts(before: Payout, { payout }: Decision): PayoutAlertClass[] {
  if (before.state === payout.state) return [];
  if (before.state === 'review') return ['payout-review'];
  if (before.state === 'blocked') return ['payout-blocked'];
  // What Alipay had refused for the shop's contract or keys is paid: they are in order again.
  if (before.state === 'sending' && payout.state === 'succeeded' && payout.attempts > 1) {
    return ['payout-credentials'];
  }
  if (before.reason === paidWithoutUs) return ['payout-confirmation'];
  if (before.state !== 'unknown') return [];
  return ['payout-unknown', 'payout-evidence-differs', 'payout-number-conflict'];
}
