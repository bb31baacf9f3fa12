import { minorDigits } from '@qingfen/money';
import { z } from 'zod';
import { phrase } from './phrase.js';

/** Pattern of every id that upstream gives: shops, orders, lines, payees, teams, refunds. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

/** Pattern of a decimal amount; how many digits may follow the point is the currency's. */
export const amountPattern = /^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$/;

const cnyAmountPattern = /^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$/;
const signedAmountPattern = /^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$/;

const notAnId = phrase(
  'is not an id of 1 to 64 letters, digits and . _ : @ -, beginning with a letter or digit',
  '不是有效的编号 (1 到 64 个字母, 数字或 . _ : @ -, 以字母或数字开头)',
);
/** The sentence's end for a bad amount. */
export const notAnAmount = phrase(
  'is not a decimal amount such as "128.50"',
  '不是像 "128.50" 这样的金额',
);
const notPositive = phrase('is not an amount above zero', '不是大于零的金额');

/** An id as upstream gives it. */
export const id = z.string({ error: notAnId }).regex(idPattern, { error: notAnId });

/** Decimal text ≥ 0 beside a `currency`, which says how many digits it may have. */
export const amount = z
  .string({ error: notAnAmount })
  .regex(amountPattern, { error: notAnAmount })
  .meta({ description: "Decimal text with at most the currency's minor digits (CNY: 2)" });

/** Decimal text ≥ 0 of a document that names no currency: at most two digits. */
export const plainAmount = z
  .string({ error: notAnAmount })
  .regex(cnyAmountPattern, { error: notAnAmount });

/** Decimal text > 0. */
export const positiveAmount = amount.refine(isAboveZero, { error: notPositive });

/** Decimal text of either sign; minus zero is not one. */
export const signedAmount = z
  .string({ error: notAnAmount })
  .regex(signedAmountPattern, { error: notAnAmount })
  .refine((text) => !text.startsWith('-') || isAboveZero(text), { error: notAnAmount });

/** Whether a decimal text has a digit other than zero. */
export function isAboveZero(text: string): boolean {
  return /[1-9]/.test(text);
}

const notARate = phrase('is not a decimal such as "0.10"', '不是像 "0.10" 这样的小数');

/** Decimal text ≥ 0 with at most 6 digits after the point. */
export const rate = z
  .string({ error: notARate })
  .regex(/^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$/, { error: notARate });

const dayText = '(?:19[7-9][0-9]|2[0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])';
const timeText = '(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,9})?)?';
const offsetText = '(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])';
const instantPattern = new RegExp(`^${dayText}T${timeText}${offsetText}$`);
const notAnInstant = phrase(
  'is not an ISO 8601 instant with an offset such as "2026-01-05T02:00:00+08:00"',
  '不是带时区偏移的 ISO 8601 时刻, 例如 "2026-01-05T02:00:00+08:00"',
);

/** An instant, ISO 8601 with an offset or `Z`, of the years 1970 to 2999. */
export const instant = z
  .string({ error: notAnInstant })
  .regex(instantPattern, { error: notAnInstant })
  .refine(dayExists, { error: notAnInstant })
  .meta({ format: 'date-time' });

/** Whether a text is an instant as every event and body has it. */
export function isInstant(text: string): boolean {
  return instantPattern.test(text) && dayExists(text);
}

const notADay = phrase('is not a day such as "2026-01-05"', '不是像 "2026-01-05" 这样的日期');

/** A calendar day, `YYYY-MM-DD`; which zone it is of, the field says. */
export const day = z
  .string({ error: notADay })
  .regex(new RegExp(`^${dayText}$`), { error: notADay })
  .refine(dayExists, { error: notADay })
  .meta({ format: 'date' });

// The pattern has let through 30 and 31 February and the like; days up to 28 exist in every month.
function dayExists(text: string): boolean {
  const dayOfMonth = Number(text.slice(8, 10));
  if (dayOfMonth <= 28) return true;
  const month = Number(text.slice(5, 7));
  if (month !== 2) return dayOfMonth <= 30 || ![4, 6, 9, 11].includes(month);
  const year = Number(text.slice(0, 4));
  return dayOfMonth === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const notACurrency = phrase(
  'is not a currency of ISO 4217 such as "CNY"',
  '不是 ISO 4217 货币代码, 例如 "CNY"',
);

/** An ISO 4217 code whose minor digits we know. */
export const currency = z
  .string({ error: notACurrency })
  .regex(/^[A-Z]{3}$/, { error: notACurrency })
  .refine((code) => minorDigits(code) !== undefined, { error: notACurrency });

/** Whether an amount has no more digits after the point than its currency has. */
export function fitsCurrency(amountText: string, currencyCode: string): boolean {
  const point = amountText.indexOf('.');
  if (point < 0) return true;
  return amountText.length - point - 1 <= (minorDigits(currencyCode) ?? 0);
}

// Neither PostgreSQL nor a screen takes NUL, other controls or half a surrogate pair.
const textPattern = /^[^\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u;

/** Free text of `min` to `max` UTF-16 units, without control characters. */
export function text(max: number, min = 1): z.ZodString {
  const error = phrase(
    `is not a text of ${min} to ${max} characters without control characters`,
    `不是 ${min} 到 ${max} 个字符且不含控制字符的文本`,
  );
  return z
    .string({ error })
    .min(min, { error, abort: true })
    .max(max, { error, abort: true })
    .regex(textPattern, { error });
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): z.ZodInt {
  const error = phrase(
    `is not a whole number from ${min} to ${max}`,
    `不是 ${min} 到 ${max} 之间的整数`,
  );
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** One of some words. */
export function oneOf<const W extends readonly [string, ...string[]]>(
  words: W,
): z.ZodEnum<{ [K in W[number]]: K }> {
  const list = words.map((word) => `"${word}"`).join(', ');
  return z.enum(words, { error: phrase(`is not one of ${list}`, `不是 ${list} 之一`) });
}

/** Yes or no. */
export const flag = z.boolean({ error: phrase('is not true or false', '不是 true 或 false') });

/** A list of at most `max` (at least `min`) of something. */
export function list<S extends z.ZodType>(item: S, max: number, min = 0): z.ZodArray<S> {
  const error = phrase(
    `is not a list of ${min} to ${max} elements`,
    `不是 ${min} 到 ${max} 个元素的列表`,
  );
  return z.array(item, { error }).min(min, { error, abort: true }).max(max, { error, abort: true });
}

const notAnObject = phrase('is not an object', '不是对象');

/** An object whose unknown fields are dropped: what events are made of. */
export function record<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strip> {
  return z.object(shape, { error: notAnObject });
}

/** An object whose unknown fields are refused: what bodies of requests are made of. */
export function strictRecord<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : notAnObject),
  });
}

/** A JSON object of which a wire contract says no more. */
export type JsonObject = { readonly [field: string]: unknown };

/** A JSON object that is passed on as it is, for its owner to judge. */
export const jsonObject = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    { error: notAnObject },
  )
  .meta({ type: 'object', additionalProperties: true });

/** What an amount is owed or paid for. */
export const kind = oneOf(['commission', 'supplier', 'team-reward']);
/** What an amount is owed or paid for. */
export type Kind = z.infer<typeof kind>;

/** What an entry is for: a {@link kind}, or the platform's own fee. */
export const entryKind = oneOf(['commission', 'supplier', 'team-reward', 'platform-fee']);
/** What an entry is for. */
export type EntryKind = z.infer<typeof entryKind>;

/** How a payout reaches its payee. */
export const payVia = oneOf(['transfer', 'batch', 'royalty']);
/** How a payout reaches its payee. */
export type PayVia = z.infer<typeof payVia>;
