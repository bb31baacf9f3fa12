import { z } from 'zod';
import {
  flag,
  id,
  instant,
  list,
  oneOf,
  plainAmount,
  rate,
  record,
  strictRecord,
  text,
  whole,
} from '../fields.js';
import { phrase } from '../phrase.js';

/** Body of `PUT …/emergency-stop`. */
export const emergencyStopBody = strictRecord({ stopped: flag, reason: text(1000) });
/** Body of `PUT …/emergency-stop`. */
export type EmergencyStopBody = z.output<typeof emergencyStopBody>;

/** Whether sending is stopped; the rest is null if nobody ever said so. */
export const emergencyStop = record({
  stopped: flag,
  reason: text(1000).nullable(),
  by: text(200).nullable(),
  at: instant.nullable(),
});
/** Whether sending is stopped. */
export type EmergencyStop = z.output<typeof emergencyStop>;

const limit = plainAmount.nullable();

const listedPayee = strictRecord({
  payeeId: id,
  reason: text(1000),
  /** Null is for ever. */
  until: instant.nullable().default(null),
});

/** What stops a shop's payouts by itself; null: the rule does not act. */
const brake = strictRecord({
  failures: strictRecord({ percent: whole(1, 100), of: whole(1, 1000) }).nullable(),
  total: strictRecord({ percent: whole(100, 10_000), from: plainAmount }).nullable(),
  balanceMin: limit,
});

const riskFields = {
  perPayout: strictRecord({ review: limit, block: limit }),
  payeeDaily: limit,
  shopDaily: limit,
  frequency: strictRecord({ count: whole(1, 1_000_000), hours: whole(1, 8760) }).nullable(),
  coolingOffHours: whole(0, 8760),
  sameAccount: oneOf(['pass', 'review', 'block']),
  anomaly: oneOf(['off', 'shadow', 'review', 'block']),
  payoutRatioMax: rate,
  manualMax: limit,
  brake,
  allow: list(listedPayee, 10_000),
  block: list(listedPayee, 10_000),
};

/** A shop's limits and lists; null is no limit. */
export const risk = strictRecord(riskFields);
/** A shop's limits and lists; null is no limit. */
export type Risk = z.output<typeof risk>;

/** Body of `PUT …/risk`: a field that is left out stays as it is. */
export const riskBody = risk.partial();
/** Body of `PUT …/risk`. */
export type RiskBody = z.output<typeof riskBody>;

const badMode = phrase(
  'is not a mode: off, dry-run, all, pilot with payees, or percentage with percentage',
  '不是 off, dry-run, all, 带 payees 的 pilot 或带 percentage 的 percentage',
);

/** Which payees of a kind are really paid. */
export const rolloutOfKind = z.discriminatedUnion(
  'mode',
  [
    strictRecord({ mode: z.literal('off') }),
    strictRecord({ mode: z.literal('dry-run') }),
    strictRecord({ mode: z.literal('pilot'), payees: list(id, 10_000) }),
    strictRecord({ mode: z.literal('percentage'), percentage: whole(0, 100) }),
    strictRecord({ mode: z.literal('all') }),
  ],
  { error: badMode },
);
/** Which payees of a kind are really paid. */
export type RolloutOfKind = z.output<typeof rolloutOfKind>;

/** A shop's rollout, kind by kind. */
export const rollout = strictRecord({
  supplier: rolloutOfKind,
  commission: rolloutOfKind,
  'team-reward': rolloutOfKind,
  /** Entries matured before it, of payees that come inside, count as settled outside. */
  settledBefore: instant.optional(),
});
/** A shop's rollout, kind by kind. */
export type Rollout = z.output<typeof rollout>;

/** Body of `PUT …/rollout`: a kind that is left out stays as it is. */
export const rolloutBody = rollout.partial();
/** Body of `PUT …/rollout`. */
export type RolloutBody = z.output<typeof rolloutBody>;
