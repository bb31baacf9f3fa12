import type { ReferencePlan } from '@qingfen/testing';
import { beginningMs, eveningOf, midnightOf, span, tellingsMs } from './calendar.js';
import { inventNews } from './aftermath.js';
import { shops } from './cast.js';
import { mishap } from './mishap.js';
import type { News } from './news.js';
import { inventOrders } from './orders.js';

/** Something that happens besides what order systems tell. */
export type Act =
  | { readonly what: 'freeze'; readonly shopId: string; readonly payeeId: string }
  | {
      readonly what: 'mend';
      readonly shopId: string;
      readonly payeeId: string;
      readonly identity: string;
    }
  | {
      readonly what: 'publish-plan';
      readonly shopId: string;
      readonly plan: ReferencePlan;
      readonly effectiveMs: number;
    };

/** An evening on which news is told. */
export interface Scene {
  readonly atMs: number;
  /** From 0. */
  readonly week: number;
  readonly news: readonly News[];
  readonly acts: readonly Act[];
}

/** All six weeks, evening by evening; the same for the same seed. */
export function writeScript(seed: number): readonly Scene[] {
  const told = inventNews(inventOrders(seed), seed);
  return tellingsMs.map((atMs) => ({
    atMs,
    week: Math.floor((atMs - beginningMs) / (7 * span.day)),
    news: told.filter(({ toldMs }) => toldMs === atMs).map(({ news }) => news),
    acts: actsOf(atMs),
  }));
}

function actsOf(atMs: number): readonly Act[] {
  const acts: Act[] = [];
  const { shopId, payeeId, frozenOnDay, mendedOnDay, newIdentity: identity } = mishap;
  if (atMs === eveningOf(frozenOnDay)) acts.push({ what: 'freeze', shopId, payeeId });
  if (atMs === eveningOf(mendedOnDay)) acts.push({ what: 'mend', shopId, payeeId, identity });
  for (const { shopId: ofShop, later } of shops) {
    if (later === undefined || atMs !== eveningOf(later.publishedOnDay)) continue;
    const { plan, fromDay } = later;
    acts.push({ what: 'publish-plan', shopId: ofShop, plan, effectiveMs: midnightOf(fromDay) });
  }
  return acts;
}
