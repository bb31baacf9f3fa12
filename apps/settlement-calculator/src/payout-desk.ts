import { Inject, Injectable } from '@nestjs/common';
import { pageOf, payoutSchema, problem, type Payout } from '@qingfen/contracts';
import { ProblemError, ServiceClient } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';

const payoutPage = pageOf(payoutSchema);

/** What payout knows of its payouts, asked on behalf of who asks us. */
@Injectable()
export class PayoutDesk {
  constructor(@Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>) {}

  /** @returns null for one that it has not heard of @throws ServiceUnavailable, ProblemError 503 */
  async find(caller: Caller, shopId: string, payoutId: string): Promise<Payout | null> {
    const answer = await this.client.request<unknown>({
      service: 'payout',
      method: 'GET',
      path: `${shopPath(shopId)}/payouts/${encodeURIComponent(payoutId)}`,
      caller,
    });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw unexpected(answer.status);
    return payoutSchema.parse(answer.body);
  }

  /** A payee's payouts that have not ended, oldest first. @throws ServiceUnavailable, ProblemError 503 */
  async open(
    caller: Caller,
    shopId: string,
    of: { readonly payeeId: string; readonly limit: number },
  ): Promise<readonly Payout[]> {
    const query = new URLSearchParams({
      state: 'open',
      payeeId: of.payeeId,
      limit: String(of.limit),
    });
    const answer = await this.client.request<unknown>({
      service: 'payout',
      method: 'GET',
      path: `${shopPath(shopId)}/payouts?${query.toString()}`,
      caller,
    });
    if (answer.status !== 200) throw unexpected(answer.status);
    return payoutPage.parse(answer.body).items;
  }
}

function shopPath(shopId: string): string {
  return `/internal/shops/${encodeURIComponent(shopId)}`;
}

/** Rather no page than half of one. */
function unexpected(status: number): ProblemError {
  const detail = `payout answered ${status} where it should tell of its payouts.`;
  return new ProblemError(problem('unavailable', 503, 'A part is missing', detail), {
    'Retry-After': '2',
  });
}
