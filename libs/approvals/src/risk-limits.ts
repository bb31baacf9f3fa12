import { Inject, Injectable } from '@nestjs/common';
import { parseWith, riskLimitsSchema } from '@qingfen/contracts';
import { LOGGER, ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import { parseAmount, parseRate, type Minor, type Ppm } from '@qingfen/money';

/** Above what a second person is wanted in a shop. */
export interface SecondPersonLimits {
  /** The greatest part of a line that a plan's commissions may come to. */
  readonly payoutRatioMaxPpm: Ppm;
  /** What one person may book by hand, in fen; null: any amount. */
  readonly manualMaxMinor: Minor | null;
}

/** Asked while somebody waits for an answer of at most 3 s. */
const timeoutMs = 2_000;

/** A shop's limits, which payout keeps: asked for when they are needed, which is seldom. */
@Injectable()
export class RiskLimits {
  constructor(
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(LOGGER) private readonly logger: { warn(about: object, text: string): void },
  ) {}

  /** null when payout does not say: whoever asks is then as careful as can be. */
  async of(shopId: string): Promise<SecondPersonLimits | null> {
    const path = `/internal/shops/${encodeURIComponent(shopId)}/risk`;
    try {
      const call = { service: 'payout', method: 'GET', path, timeoutMs } as const;
      const { status, body } = await this.client.request<unknown>(call);
      const read = parseWith(riskLimitsSchema, body);
      if (status === 200 && read.ok) {
        const { payoutRatioMax, manualMax } = read.value;
        return {
          payoutRatioMaxPpm: parseRate(payoutRatioMax),
          manualMaxMinor: manualMax === null ? null : parseAmount(manualMax, 'CNY'),
        };
      }
      this.logger.warn({ shopId, status }, 'payout answered no limits');
    } catch (error) {
      if (!(error instanceof ServiceUnavailable)) throw error;
      this.logger.warn({ err: error, shopId }, 'payout does not say what the limits are');
    }
    return null;
  }
}
