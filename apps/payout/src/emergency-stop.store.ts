import type { Tx } from '@qingfen/database';
import type { Reader } from './payout.store.js';

/** Stands for all shops in the table of stops; no shop's id looks like it. */
export const everyShop = '*';

/** A stop as it stands; never set is the same as lifted. */
export interface Stop {
  readonly stopped: boolean;
  readonly reason: string | null;
  readonly by: string | null;
  readonly at: Date | null;
}

const neverSet: Stop = { stopped: false, reason: null, by: null, at: null };

/** The stop of one shop, or of all (`*`). */
export async function findStop(reader: Reader, shopId: string): Promise<Stop> {
  const rows = await reader.query<Stop>(
    'SELECT stopped, reason, by, at FROM emergency_stop WHERE shop_id = $1',
    [shopId],
  );
  return rows[0] ?? neverSet;
}

/** Sets or lifts a stop. */
export async function putStop(
  tx: Tx,
  stop: { shopId: string; stopped: boolean; reason: string; by: string; at: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO emergency_stop (shop_id, stopped, reason, by, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (shop_id) DO UPDATE SET stopped = excluded.stopped, reason = excluded.reason,
       by = excluded.by, at = excluded.at`,
    [stop.shopId, stop.stopped, stop.reason, stop.by, stop.at],
  );
}

/** Which shops may not send; `all` means every one. */
export interface Stops {
  readonly all: boolean;
  readonly shops: ReadonlySet<string>;
}

/** Every stop that is set. */
export async function readStops(reader: Reader): Promise<Stops> {
  const rows = await reader.query<{ shopId: string }>(
    'SELECT shop_id AS "shopId" FROM emergency_stop WHERE stopped',
  );
  const shops = new Set(rows.map(({ shopId }) => shopId));
  return { all: shops.has(everyShop), shops };
}

/** Whether a shop may not send. */
export function isStopped(stops: Stops, shopId: string): boolean {
  return stops.all || stops.shops.has(shopId);
}
