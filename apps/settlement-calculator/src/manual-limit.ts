import { Inject, Injectable } from '@nestjs/common';
import { RiskLimits } from '@qingfen/approvals';
import type { Minor } from '@qingfen/money';

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

  /** @throws ServiceUnavailable when nobody says what the limit is */
  async of(shopId: string): Promise<ManualLimit> {
    return new ManualLimit((await this.risk.of(shopId)).manualMaxMinor);
  }
}
