import { billedNumberSchema } from '@qingfen/contracts';
import type { Payout, QueryAnswer } from '@qingfen/core-payout';
import { ServiceUnavailable, type ServiceClient } from '@qingfen/hosting';
import { minor, parseSignedAmount } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';

/** Bills are in yuan, and so is every payout that Alipay carries out. */
const currency = 'CNY';

/**
 * Asks reconciliation whether a bill has a payment of which neither the query nor the account's log says
 * anything. Only a single debit speaks, for success: what is not on a bill, or has come back too, stays
 * unclear (domain.md 7).
 */
export class BillWitness {
  constructor(
    private readonly client: Pick<ServiceClient, 'request'>,
    private readonly logger: Logger,
  ) {}

  /** What the bills say; `silence`, what was known before, where they say nothing. */
  async ask(payout: Payout, silence: QueryAnswer): Promise<QueryAnswer> {
    const { shopId, outBizNo } = payout;
    try {
      const { status, body } = await this.client.request<unknown>({
        service: 'reconciliation',
        method: 'GET',
        path: `/internal/shops/${shopId}/billed/${outBizNo}`,
      });
      if (status !== 200) throw new Error(`reconciliation answered ${status}`);
      const [debit, ...more] = billedNumberSchema.parse(body).lines;
      if (debit === undefined || more.length > 0) return silence;
      const moved = parseSignedAmount(debit.amount, currency);
      if (moved >= 0n) return silence;
      const alipayOrderId = debit.alipayNo === '' ? null : debit.alipayNo;
      const amountMinor = minor(-moved);
      return {
        kind: 'success',
        evidence: { outBizNo, amountMinor, alipayOrderId },
        witness: 'bill',
      };
    } catch (error) {
      const level = error instanceof ServiceUnavailable ? 'info' : 'warn';
      this.logger[level]({ err: error, shopId, outBizNo }, 'the bills could not be asked');
      return silence;
    }
  }
}
