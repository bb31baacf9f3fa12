import { localMidnight, nextLocalMidnight } from '@qingfen/calendar';
import type { Payout } from '@qingfen/core-payout';
import { judgePayout, passes, type RiskSettings, type RiskVerdict } from '@qingfen/core-risk';
import type { Tx } from '@qingfen/database';
import { minor } from '@qingfen/money';
import { payeeKey } from './payee.store.js';
import type { RiskBook, ShopRisk } from './risk-book.js';
import {
  accountHistories,
  lockCounts,
  sentAfter,
  sentSince,
  type AccountHistory,
} from './sent.store.js';

const hourMs = 3_600_000;

/** What of a shop counts towards its limits. */
interface Counts {
  shopMinor: bigint;
  readonly byPayee: Map<string, bigint>;
  readonly lately: Map<string, number>;
}

/**
 * What limits and lists say of the payouts of one round of sending. Where anything is counted, other
 * senders wait for the end of the transaction before they count, so that two never fill one limit.
 */
export class RiskScene {
  private constructor(
    private readonly shops: ReadonlyMap<string, ShopRisk>,
    private readonly counts: ReadonlyMap<string, Counts>,
    private readonly accounts: ReadonlyMap<string, AccountHistory>,
    private readonly now: Date,
  ) {}

  static async read(
    tx: Tx,
    book: RiskBook,
    payouts: readonly Payout[],
    now: Date,
  ): Promise<RiskScene> {
    const shops = await book.of(tx, [...new Set(payouts.map(({ shopId }) => shopId))]);
    const counted = [...shops].filter(([, { settings }]) => isCounted(settings));
    await lockCounts(
      tx,
      counted.map(([shopId]) => shopId),
    );
    const counts = new Map<string, Counts>();
    for (const [shopId, shop] of counted) {
      const payeeIds = payouts.filter((one) => one.shopId === shopId).map((one) => one.payeeId);
      counts.set(shopId, await countsOf(tx, { shopId, shop, payeeIds, now }));
    }
    const asked = payouts.filter(({ shopId }) => looksAtAccounts(shops.get(shopId)?.settings));
    const accounts = asked.length === 0 ? new Map() : await accountHistories(tx, asked);
    return new RiskScene(shops, counts, accounts, now);
  }

  /** What becomes of a payout, by what was sent until now and {@link note noted} in this round. */
  judge(payout: Payout, approved: readonly string[]): RiskVerdict {
    const { shopId, payeeId, amountMinor, currency } = payout;
    const shop = this.shops.get(shopId);
    // Limits are amounts of CNY; nothing else can be sent.
    if (shop === undefined || currency !== 'CNY') return passes;
    const counts = this.counts.get(shopId);
    // A request that is made names its account, which is not what the payee has since.
    const account = payout.appId === null ? this.accounts.get(payeeKey(payout)) : undefined;
    return judgePayout({
      settings: shop.settings,
      payeeId,
      amountMinor,
      now: this.now,
      dayEndsAt: nextLocalMidnight(this.now, shop.timezone),
      payeeSentMinor: minor(counts?.byPayee.get(payeeId) ?? 0n),
      shopSentMinor: minor(counts?.shopMinor ?? 0n),
      sentLately: counts?.lately.get(payeeId) ?? 0,
      accountReplacedAt: account?.replacedAt ?? null,
      sharesAccountWith: account?.sharedWith ?? [],
      approved,
    });
  }

  /** Counts a payout that is going to be sent. */
  note({ shopId, payeeId, amountMinor }: Payout): void {
    const counts = this.counts.get(shopId);
    if (counts === undefined) return;
    counts.shopMinor += amountMinor;
    counts.byPayee.set(payeeId, (counts.byPayee.get(payeeId) ?? 0n) + amountMinor);
    counts.lately.set(payeeId, (counts.lately.get(payeeId) ?? 0) + 1);
  }
}

function isCounted({ payeeDailyMinor, shopDailyMinor, frequency }: RiskSettings): boolean {
  return payeeDailyMinor !== null || shopDailyMinor !== null || frequency !== null;
}

function looksAtAccounts(settings: RiskSettings | undefined): boolean {
  if (settings === undefined) return false;
  return settings.coolingOffHours > 0 || settings.sameAccount !== 'pass';
}

async function countsOf(
  tx: Tx,
  of: {
    readonly shopId: string;
    readonly shop: ShopRisk;
    readonly payeeIds: readonly string[];
    readonly now: Date;
  },
): Promise<Counts> {
  const { shopId, shop, payeeIds, now } = of;
  const { settings, timezone } = shop;
  const isDaily = settings.payeeDailyMinor !== null || settings.shopDailyMinor !== null;
  const today = localMidnight(now, timezone);
  const sent = isDaily
    ? await sentSince(tx, shopId, today)
    : { shopMinor: 0n, byPayee: new Map<string, bigint>() };
  const hours = settings.frequency?.hours ?? null;
  const after = new Date(now.getTime() - (hours ?? 0) * hourMs);
  const lately =
    hours === null ? new Map<string, number>() : await sentAfter(tx, shopId, { payeeIds, after });
  return { shopMinor: sent.shopMinor, byPayee: new Map(sent.byPayee), lately };
}
