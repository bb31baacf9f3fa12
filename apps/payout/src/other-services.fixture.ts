import type { BilledNumber } from '@qingfen/contracts';
import type { ServiceAnswer, ServiceClient, ServiceRequest } from '@qingfen/hosting';

/** What payout asks other services, answered here: the ledger confirms, and no bill is there. */
export class OtherServices implements Pick<ServiceClient, 'request'> {
  /** What the ledger answers; by payout id. Absent: confirmed. */
  readonly doubts = new Map<string, string>();
  /** Trades for which something is still open, as the ledger says. */
  readonly openTrades = new Set<string>();
  /** What reconciliation has read in bills; by our number. */
  readonly billed = new Map<string, BilledNumber['lines']>();

  request<T>(call: ServiceRequest): Promise<ServiceAnswer<T>> {
    return Promise.resolve({ status: 200, body: this.bodyFor(call) as T, headers: new Headers() });
  }

  private bodyFor({ service, path, body }: ServiceRequest): unknown {
    if (service === 'reconciliation') {
      return { lines: this.billed.get(path.split('/').at(-1) ?? '') ?? [] };
    }
    if (path === '/internal/trades/open') {
      const { items } = body as { items: { shopId: string; tradeNo: string }[] };
      return {
        items: items.map((one) => ({ ...one, isOpen: this.openTrades.has(one.tradeNo) })),
      };
    }
    const { items } = body as { items: { payoutId: string }[] };
    return {
      items: items.map(({ payoutId }) => {
        const reason = this.doubts.get(payoutId) ?? null;
        return { payoutId, confirmed: reason === null, reason };
      }),
    };
  }
}
