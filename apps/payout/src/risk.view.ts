import { formatInstant, parseInstant } from '@qingfen/calendar';
import type { Risk, RiskBody } from '@qingfen/contracts';
import type { BrakeSettings, ListedPayee, RiskChange, RiskSettings } from '@qingfen/core-risk';
import { formatAmount, formatRate, parseAmount, parseRate, type Minor } from '@qingfen/money';

/** Limits of money are amounts of CNY until R-EVO-2. */
const currency = 'CNY';

/** What a body asks for, with amounts as minor units; what it leaves out is left out. */
export function riskChangeOf(body: RiskBody): RiskChange {
  const { perPayout, payeeDaily, shopDaily, payoutRatioMax, manualMax, allow, block } = body;
  return {
    ...(perPayout && {
      perPayout: { reviewMinor: limitOf(perPayout.review), blockMinor: limitOf(perPayout.block) },
    }),
    ...(payeeDaily !== undefined && { payeeDailyMinor: limitOf(payeeDaily) }),
    ...(shopDaily !== undefined && { shopDailyMinor: limitOf(shopDaily) }),
    ...(body.frequency !== undefined && { frequency: body.frequency }),
    ...(body.coolingOffHours !== undefined && { coolingOffHours: body.coolingOffHours }),
    ...(body.sameAccount && { sameAccount: body.sameAccount }),
    ...(body.anomaly && { anomaly: body.anomaly }),
    ...(payoutRatioMax !== undefined && { payoutRatioMaxPpm: parseRate(payoutRatioMax) }),
    ...(manualMax !== undefined && { manualMaxMinor: limitOf(manualMax) }),
    ...(body.brake && { brake: brakeOf(body.brake) }),
    ...(allow && { allow: allow.map(listedOf) }),
    ...(block && { block: block.map(listedOf) }),
  };
}

/** Settings that were stored by {@link riskView}. */
export function riskSettingsOf(stored: Risk): RiskSettings {
  return {
    perPayout: {
      reviewMinor: limitOf(stored.perPayout.review),
      blockMinor: limitOf(stored.perPayout.block),
    },
    payeeDailyMinor: limitOf(stored.payeeDaily),
    shopDailyMinor: limitOf(stored.shopDaily),
    frequency: stored.frequency,
    coolingOffHours: stored.coolingOffHours,
    sameAccount: stored.sameAccount,
    anomaly: stored.anomaly,
    payoutRatioMaxPpm: parseRate(stored.payoutRatioMax),
    manualMaxMinor: limitOf(stored.manualMax),
    brake: brakeOf(stored.brake),
    allow: stored.allow.map(listedOf),
    block: stored.block.map(listedOf),
  };
}

/** Settings as they are answered and stored, instants as a zone's clocks show them. */
export function riskView(settings: RiskSettings, timezone: string): Risk {
  const listed = ({ payeeId, reason, until }: ListedPayee): Risk['allow'][number] => ({
    payeeId,
    reason,
    until: until === null ? null : formatInstant(until, timezone),
  });
  return {
    perPayout: {
      review: limitText(settings.perPayout.reviewMinor),
      block: limitText(settings.perPayout.blockMinor),
    },
    payeeDaily: limitText(settings.payeeDailyMinor),
    shopDaily: limitText(settings.shopDailyMinor),
    frequency: settings.frequency,
    coolingOffHours: settings.coolingOffHours,
    sameAccount: settings.sameAccount,
    anomaly: settings.anomaly,
    payoutRatioMax: formatRate(settings.payoutRatioMaxPpm),
    manualMax: limitText(settings.manualMaxMinor),
    brake: brakeView(settings.brake),
    allow: settings.allow.map(listed),
    block: settings.block.map(listed),
  };
}

function brakeOf({ failures, total, balanceMin }: Risk['brake']): BrakeSettings {
  return {
    failures,
    total: total && { percent: total.percent, fromMinor: parseAmount(total.from, currency) },
    balanceMinMinor: limitOf(balanceMin),
  };
}

function brakeView({ failures, total, balanceMinMinor }: BrakeSettings): Risk['brake'] {
  return {
    failures,
    total: total && { percent: total.percent, from: formatAmount(total.fromMinor, currency) },
    balanceMin: limitText(balanceMinMinor),
  };
}

function listedOf({ payeeId, reason, until }: Risk['allow'][number]): ListedPayee {
  return { payeeId, reason, until: until === null ? null : parseInstant(until) };
}

function limitOf(text: string | null): Minor | null {
  return text === null ? null : parseAmount(text, currency);
}

function limitText(limit: Minor | null): string | null {
  return limit === null ? null : formatAmount(limit, currency);
}
