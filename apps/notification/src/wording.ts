import { formatInstant, parseInstant } from '@qingfen/calendar';
import { isInstant, type EventData, type Kind } from '@qingfen/contracts';
import { parseAmount } from '@qingfen/money';
import type { TemplateKey } from './template.js';

/** What a delivery is about, as it stands in the table: text values only, no account, no real name. */
export type Facts = Readonly<Record<string, string>>;

/** What a delivery may be about. */
export type SubjectType = 'statement' | 'payout' | 'plan-version' | 'daily-report';

/** A delivery to be made. */
export interface Telling {
  readonly shopId: string;
  /** Null: it is told to the shop's operator. */
  readonly payeeId: string | null;
  readonly deliveryId: string;
  readonly template: TemplateKey;
  readonly subject: { readonly type: SubjectType; readonly id: string };
  readonly facts: Facts;
}

/** Names that a payee reads, where we know them; ids stand for the others. */
export interface Names {
  readonly shop: string | null;
  readonly timezone: string | null;
  readonly payee: string | null;
}

/** Every statement is told. */
export function tellingOfStatement(statement: EventData['statement-issued']): Telling {
  const { shopId, payeeId, statementId, kind, period, net, currency, entryCount } = statement;
  const { gross, withheld } = statement;
  const tax =
    gross === undefined || withheld === undefined || parseAmount(withheld, currency) === 0n
      ? null
      : { gross, withheld };
  return {
    shopId,
    payeeId,
    deliveryId: `statement:${statementId}:mail`,
    template: tax !== null ? 'statement-taxed' : 'statement-issued',
    subject: { type: 'statement', id: statementId },
    facts: {
      statementId,
      kind,
      period,
      net,
      currency,
      entryCount: String(entryCount),
      ...tax,
    },
  };
}

/** A change of the plan is told before it takes effect, and so is its withdrawal. */
export function tellingOfPlanChange(change: EventData['plan-change-announced']): Telling {
  const { shopId, payeeId, version, publishedAt, effectiveFrom, withdrawnAt } = change;
  const what = withdrawnAt === undefined ? 'announced' : 'withdrawn';
  return {
    shopId,
    payeeId,
    deliveryId: `plan:${version}:${what}:${payeeId}:mail`,
    template: withdrawnAt === undefined ? 'plan-change' : 'plan-change-withdrawn',
    subject: { type: 'plan-version', id: String(version) },
    facts: { version: String(version), publishedAt, effectiveFrom, at: withdrawnAt ?? publishedAt },
  };
}

/** How a payout ended is told, but for a cancelled one: nothing has happened to the payee. */
export function tellingOfPayout(result: EventData['payout-result']): Telling | null {
  const template = templateOfResult(result);
  if (template === null) return null;
  const { shopId, payeeId, payoutId, statementId, kind, amount, currency, at } = result;
  return {
    shopId,
    payeeId,
    deliveryId: `payout:${payoutId}:${result.seq}:mail`,
    template,
    subject: { type: 'payout', id: payoutId },
    facts: {
      payoutId,
      statementId,
      kind,
      amount,
      currency,
      at,
      failure: result.failure?.message ?? '',
    },
  };
}

function templateOfResult(result: EventData['payout-result']): TemplateKey | null {
  switch (result.status) {
    case 'succeeded':
      return 'payout-succeeded';
    case 'failed':
      // Why it failed is told where the payee can mend it; all else is between shop and Alipay.
      return result.payeeFault === true ? 'payout-failed-account' : 'payout-failed';
    case 'returned':
      return 'payout-returned';
    case 'cancelled':
      return null;
    default: {
      const never: never = result.status;
      return never;
    }
  }
}

/** What kinds are called. */
export const kindNames: Readonly<Record<Kind, { readonly zh: string; readonly en: string }>> = {
  commission: { zh: '分销佣金', en: 'commission' },
  supplier: { zh: '供应商货款', en: 'supplier' },
  'team-reward': { zh: '团队奖励金', en: 'team reward' },
};

/** Every value that a template may name. */
export function valuesOf(
  { shopId, payeeId, facts }: Pick<Telling, 'shopId' | 'payeeId' | 'facts'>,
  names: Names,
): Facts {
  const timezone = names.timezone ?? 'Asia/Shanghai';
  const kind = isKind(facts['kind']) ? kindNames[facts['kind']] : { zh: '', en: '' };
  const period = facts['period'] ?? '';
  return {
    ...facts,
    shop: names.shop ?? shopId,
    payee: names.payee ?? payeeId ?? '',
    kindZh: kind.zh,
    kindEn: kind.en,
    periodZh: isInstant(period) ? readable(period, timezone) : `重新付款 ${retried(period)}`,
    periodEn: isInstant(period) ? readable(period, timezone) : `paid again: ${retried(period)}`,
    at: readable(facts['at'] ?? '', timezone),
    effectiveFrom: readable(facts['effectiveFrom'] ?? '', timezone),
  };
}

function isKind(text: string | undefined): text is Kind {
  return text !== undefined && Object.hasOwn(kindNames, text);
}

/** `2026-01-05 02:00:00 (UTC+08:00)`, as the shop's clocks show it. */
function readable(instantText: string, timezone: string): string {
  if (!isInstant(instantText)) return instantText;
  const text = formatInstant(parseInstant(instantText), timezone);
  return `${text.slice(0, 10)} ${text.slice(11, 19)} (UTC${text.slice(-6)})`;
}

/** A statement of a payout that is paid again has `retry:<payoutId>` for a period. */
function retried(period: string): string {
  return period.startsWith('retry:') ? period.slice('retry:'.length) : period;
}
