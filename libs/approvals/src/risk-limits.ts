import { Inject, Injectable } from '@nestjs/common';
import { parseWith, riskLimitsSchema } from '@qingfen/contracts';
import { ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import { parseAmount, parseRate, type Minor, type Ppm } from '@qingfen/money';

/** Above what a second person is wanted in a shop. */
export interface SecondPersonLimits {
  /** The greatest part of a line that a plan's commissions may come to. */
  readonly payoutRatioMaxPpm: Ppm;
  /** What one person may book by hand, in fen; null: any amount. */
  readonly manualMaxMinor: Minor | null;
}

/** A shop's limits, which payout keeps: asked for when they are needed, which is seldom. */
@Injectable()
export class RiskLimits {
  constructor(@Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>) {}

  /**
   * To be asked outside of any transaction. Nobody acts by limits that are not known, and nobody is sent
   * for a second person because of them: whoever asked may ask again.
   * @throws ServiceUnavailable when payout does not say
   */
  async of(shopId: string): Promise<SecondPersonLimits> {
    const path = `/internal/shops/${encodeURIComponent(shopId)}/risk`;
    const call = { service: 'payout', method: 'GET', path } as const;
    const { status, body } = await this.client.request<unknown>(call);
    const read = parseWith(riskLimitsSchema, body);
    if (status !== 200 || !read.ok) {
      throw new ServiceUnavailable('payout', new Error(`answered ${status} without limits`));
    }
    const { payoutRatioMax, manualMax } = read.value;
    return {
      payoutRatioMaxPpm: parseRate(payoutRatioMax),
      manualMaxMinor: manualMax === null ? null : parseAmount(manualMax, 'CNY'),
    };
  }
}
