import {
  confirmPayoutsAnswerSchema,
  type ConfirmPayoutsAnswer,
  type PayoutToConfirm,
} from '@qingfen/contracts';
import type { Confirmation, Payout } from '@qingfen/core-payout';
import { ServiceUnavailable, type ServiceClient } from '@qingfen/hosting';
import { formatAmount } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import { keyText } from './payout.store.js';

/** An answer is used at once or asked again: what it says may change any moment. */
const freshMs = 2_000;
const atOnceMax = 500;
const waitsMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Asks the ledger's owner whether it really wants these paid, hundreds at a time. */
export class ConfirmationDesk {
  private readonly known = new Map<string, { confirmation: Confirmation; untilMs: number }>();
  private failures = 0;
  private tryAgainAtMs = 0;

  constructor(
    private readonly client: Pick<ServiceClient, 'request'>,
    private readonly logger: Logger,
  ) {}

  /** Whether something fresh is known of a payout. */
  knows(payout: Payout): boolean {
    const known = this.known.get(keyText(payout));
    return known !== undefined && known.untilMs > performance.now();
  }

  /** What is confirmed or refused; those about which nothing is known are left out. */
  async ask(payouts: readonly Payout[]): Promise<Map<string, Confirmation>> {
    this.forgetOld();
    const unasked = payouts.filter((payout) => !this.known.has(keyText(payout)));
    for (let from = 0; from < unasked.length; from += atOnceMax) {
      if (performance.now() < this.tryAgainAtMs) break;
      await this.askSome(unasked.slice(from, from + atOnceMax));
    }
    return new Map([...this.known].map(([key, { confirmation }]) => [key, confirmation]));
  }

  private forgetOld(): void {
    const nowMs = performance.now();
    for (const [key, { untilMs }] of this.known) if (untilMs <= nowMs) this.known.delete(key);
  }

  private async askSome(payouts: readonly Payout[]): Promise<void> {
    const byId = new Map(payouts.map((payout) => [payout.payoutId, payout]));
    try {
      const answer = await this.client.request<unknown>({
        service: 'settlement-calculator',
        method: 'POST',
        path: '/internal/payouts/confirm',
        body: { items: payouts.map(itemOf) },
      });
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const { items } = confirmPayoutsAnswerSchema.parse(answer.body);
      const untilMs = performance.now() + freshMs;
      for (const item of items) {
        const payout = byId.get(item.payoutId);
        if (payout === undefined) continue;
        const confirmation = confirmationFrom(item);
        this.known.set(keyText(payout), { confirmation, untilMs });
      }
      this.failures = 0;
    } catch (error) {
      const level = error instanceof ServiceUnavailable ? 'info' : 'warn';
      this.logger[level]({ err: error, payouts: payouts.length }, 'no confirmation; tried again');
      const waitMs = waitsMs[Math.min(this.failures, waitsMs.length - 1)] ?? 30_000;
      this.tryAgainAtMs = performance.now() + waitMs;
      this.failures += 1;
    }
  }
}

function itemOf(payout: Payout): PayoutToConfirm {
  const { shopId, payoutId, statementId, payeeId, kind, currency } = payout;
  const amount = formatAmount(payout.amountMinor, currency);
  return { shopId, payoutId, statementId, payeeId, kind, amount, currency };
}

function confirmationFrom(item: ConfirmPayoutsAnswer['items'][number]): Confirmation {
  const { confirmed, reason, makers = [] } = item;
  if (confirmed) return { kind: 'confirmed' };
  const words = reason ?? 'the ledger does not confirm it';
  const named = /^(debt|hold): (.*)$/s.exec(words);
  const doubt = named?.[1] === 'debt' ? 'debt' : named?.[1] === 'hold' ? 'hold' : 'unproven';
  return { kind: 'refused', doubt, reason: named?.[2] ?? words, makers };
}
