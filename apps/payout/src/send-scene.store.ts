import type { CredentialSummary } from './credential.store.js';
import type { HeldPayout, Reader } from './payout.store.js';

/** What must be known of a shop before anything of it is sent. */
export interface ShopScene {
  readonly shopId: string;
  readonly shopName: string;
  readonly isStopped: boolean;
  /** Its Alipay application; null where it has given no credentials. */
  readonly credential: CredentialSummary | null;
  /** The oldest payout that waits for funds: nothing younger is sent. */
  readonly fundsHead: QueueHead | null;
  /** The oldest payout that Alipay refused for the shop's contract or keys: nothing younger is sent. */
  readonly refusedHead: QueueHead | null;
}

/** The first of those that wait for the same thing. */
export interface QueueHead {
  readonly requestedAt: Date;
  readonly payoutId: string;
}

/** The shops of these payouts, each once. */
export function shopIdsIn(held: readonly Pick<HeldPayout, 'payout'>[]): string[] {
  return [...new Set(held.map(({ payout }) => payout.shopId))];
}

interface SceneRow {
  readonly shopId: string;
  readonly shopName: string;
  readonly isStopped: boolean;
  readonly appId: string | null;
  readonly mode: 'key' | 'certificate' | null;
  readonly version: bigint | null;
  readonly requestedAt: Date | null;
  readonly payoutId: string | null;
  readonly refusedRequestedAt: Date | null;
  readonly refusedPayoutId: string | null;
}

/** The scene of each of these shops, in one look: it is read before every round of sending. */
export async function readScenes(
  reader: Reader,
  shopIds: readonly string[],
): Promise<Map<string, ShopScene>> {
  const rows = await reader.query<SceneRow>(
    `SELECT k.shop_id AS "shopId", coalesce(s.name, k.shop_id) AS "shopName",
            EXISTS (SELECT 1 FROM emergency_stop e
                    WHERE e.stopped AND e.shop_id IN ('*', k.shop_id)) AS "isStopped",
            c.app_id AS "appId", c.mode, c.version,
            f.requested_at AS "requestedAt", f.payout_id AS "payoutId",
            r.requested_at AS "refusedRequestedAt", r.payout_id AS "refusedPayoutId"
     FROM unnest($1::text[]) AS k(shop_id)
     LEFT JOIN shop s USING (shop_id)
     LEFT JOIN credential c USING (shop_id)
     LEFT JOIN LATERAL (
       SELECT p.requested_at, p.payout_id FROM payout p
       WHERE p.state = 'waiting' AND p.reason = 'funds' AND p.shop_id = k.shop_id
       ORDER BY p.requested_at, p.payout_id LIMIT 1) f ON true
     LEFT JOIN LATERAL (
       SELECT p.requested_at, p.payout_id FROM payout p
       WHERE p.state = 'waiting' AND p.reason = 'credentials' AND p.shop_id = k.shop_id
         AND p.app_id IS NOT NULL
       ORDER BY p.requested_at, p.payout_id LIMIT 1) r ON true`,
    [shopIds],
  );
  return new Map(rows.map((row) => [row.shopId, sceneFrom(row)]));
}

function sceneFrom(row: SceneRow): ShopScene {
  const { shopId, shopName, isStopped, appId, mode, version } = row;
  const isConfigured = appId !== null && mode !== null && version !== null;
  return {
    shopId,
    shopName,
    isStopped,
    credential: isConfigured ? { shopId, appId, mode, version } : null,
    fundsHead: headOf(row.requestedAt, row.payoutId),
    refusedHead: headOf(row.refusedRequestedAt, row.refusedPayoutId),
  };
}

function headOf(requestedAt: Date | null, payoutId: string | null): QueueHead | null {
  return requestedAt === null || payoutId === null ? null : { requestedAt, payoutId };
}
