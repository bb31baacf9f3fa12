import { Inject, Injectable } from '@nestjs/common';
import { RiskLimits } from '@qingfen/approvals';
import { ZERO, type Minor } from '@qingfen/money';

/** Up to which amount one person may book by hand in a shop; above it a second one has to approve. */
export class ManualLimit {
  /** null: any amount. */
  constructor(private readonly maxMinor: Minor | null) {}

  /** Whether an amount, of either sign, wants a second person. */
  wantsSecond(amountMinor: bigint): boolean {
    if (this.maxMinor === null) return false;
    return (amountMinor < 0n ? -amountMinor : amountMinor) > this.maxMinor;
  }
}

/** The limits of shops, `manualMax` of their risk settings. To be asked outside of any transaction. */
@Injectable()
export class ManualLimits {
  constructor(@Inject(RiskLimits) private readonly risk: Pick<RiskLimits, 'of'>) {}

  /** Where nobody says what the limit is, every amount wants a second person. */
  async of(shopId: string): Promise<ManualLimit> {
    const limits = await this.risk.of(shopId);
    return new ManualLimit(limits === null ? ZERO : limits.manualMaxMinor);
  }
}
