import { royaltyCapAnswerSchema } from '@qingfen/contracts';
import { usualCapPercent } from '@qingfen/core-settlement';
import { ServiceUnavailable, type ServiceClient } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';

/** What Alipay lets a merchant split changes with its contract, if ever. */
const freshMs = 10 * 60_000;

/** How much of a trade each shop's merchant may split: Alipay's answer, which payout asks for. */
export class CapDesk {
  private readonly known = new Map<
    string,
    { readonly percent: number; readonly untilMs: number }
  >();

  constructor(
    private readonly client: Pick<ServiceClient, 'request'>,
    private readonly logger: Logger,
  ) {}

  /** In whole percent; the usual share where Alipay has not said otherwise. */
  of(shopId: string): number {
    return this.known.get(shopId)?.percent ?? usualCapPercent;
  }

  /** Asks, outside of any transaction; where nobody answers what was known stays. */
  async learn(shopId: string): Promise<void> {
    const nowMs = performance.now();
    if ((this.known.get(shopId)?.untilMs ?? 0) > nowMs) return;
    try {
      const answer = await this.client.request<unknown>({
        service: 'payout',
        method: 'GET',
        path: `/internal/shops/${encodeURIComponent(shopId)}/alipay/royalty-cap`,
      });
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const { percent } = royaltyCapAnswerSchema.parse(answer.body);
      if (percent === null) return;
      this.known.set(shopId, { percent, untilMs: nowMs + freshMs });
    } catch (error) {
      const level = error instanceof ServiceUnavailable ? 'info' : 'warn';
      this.logger[level]({ err: error, shopId }, 'the cap of splits is not known; the usual holds');
    }
  }
}
