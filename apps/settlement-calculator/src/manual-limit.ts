import { Inject, Injectable } from '@nestjs/common';
import { ServiceEnv } from '@qingfen/hosting';
import { parseAmount, type Minor } from '@qingfen/money';

/**
 * Up to which amount one person may book by hand; above it a second one has to approve. From the
 * installation's setting `QINGFEN_MANUAL_MAX` (CNY; empty: no limit), whose default is no limit where
 * money is play money and 0.00 everywhere else.
 */
@Injectable()
export class ManualLimit {
  private readonly maxMinor: Minor | null;

  constructor(@Inject(ServiceEnv) env: Pick<ServiceEnv, 'environment' | 'setting'>) {
    const otherwise = env.environment === 'local-sandbox' ? '' : '0.00';
    const text = env.setting('QINGFEN_MANUAL_MAX', otherwise);
    this.maxMinor = text === '' ? null : parseAmount(text, 'CNY');
  }

  /** Whether an amount, of either sign, wants a second person. */
  wantsSecond(amountMinor: bigint): boolean {
    if (this.maxMinor === null) return false;
    return (amountMinor < 0n ? -amountMinor : amountMinor) > this.maxMinor;
  }
}
