import {
  formatExact,
  formatRate,
  minorDigits,
  parseRate,
  ppm,
  RateError,
  type Fraction,
} from '@qingfen/money';
import { quoted } from './problems.js';

/** A sentence in both languages. */
export interface Sentence {
  readonly message: string;
  readonly messageZh: string;
}

const WHOLE_PERCENT = 100n;

/** Why a value that is no text is no decimal. */
export function notTextSentence(value: unknown): Sentence {
  if (typeof value === 'number') {
    return {
      message: `write ${value} as text in quotes, "${value}", so that it stays exact.`,
      messageZh: `请把 ${value} 写成带引号的文本 "${value}"，以保证精确。`,
    };
  }
  return {
    message: `${quoted(value)} is not a number; write one as text in quotes, like "0.10".`,
    messageZh: `${quoted(value)}不是数字；请填写带引号的数字，例如 "0.10"。`,
  };
}

/** Why a text is not an amount of a currency. */
export function notAnAmountSentence(text: string, currency: string): Sentence {
  const digits = minorDigits(currency) ?? 0;
  if (/^-/.test(text)) {
    return {
      message: `${quoted(text)} is negative; an amount here is zero or more.`,
      messageZh: `${quoted(text)}是负数；此处的金额不能小于零。`,
    };
  }
  if (/^[0-9]+\.[0-9]+$/.test(text) && text.length - text.indexOf('.') - 1 > digits) {
    return {
      message: `${quoted(text)} is finer than the ${digits} decimals that ${currency} has.`,
      messageZh: `${quoted(text)}的小数位数超过 ${currency} 允许的 ${digits} 位。`,
    };
  }
  if (/^[1-9][0-9]{12,}(\.|$)/.test(text)) {
    return {
      message: `${quoted(text)} is too large; an amount has at most 12 digits before the point.`,
      messageZh: `${quoted(text)}过大；金额的小数点前最多 12 位数字。`,
    };
  }
  return {
    message: `${quoted(text)} is not an amount; write digits and a point alone, like "128.50".`,
    messageZh: `${quoted(text)}不是有效的金额；请只用数字和小数点，例如 "128.50"。`,
  };
}

/** Why a text is not a rate from 0 to 1 with at most 6 decimals. */
export function notARateSentence(text: string): Sentence {
  if (/^-/.test(text)) {
    return {
      message: `${quoted(text)} is negative; a rate is from 0 to 1.`,
      messageZh: `${quoted(text)}是负数；比例应在 0 到 1 之间。`,
    };
  }
  const percent = percentOf(text.replace(/\s*[%％]$/, ''));
  if (/[%％]$/.test(text) && percent !== undefined) {
    return {
      message: `${quoted(text)} has a percent sign; write it as the rate "${percent}".`,
      messageZh: `${quoted(text)}带有百分号；请写成比例 "${percent}"。`,
    };
  }
  if (/^[0-9]+\.[0-9]{7,}$/.test(text)) {
    return {
      message: `${quoted(text)} is finer than a rate may be: at most 6 decimals.`,
      messageZh: `${quoted(text)}过于精细：比例最多 6 位小数。`,
    };
  }
  return {
    message: `${quoted(text)} is not a rate; write a decimal from 0 to 1, like "0.10" for 10%.`,
    messageZh: `${quoted(text)}不是有效的比例；请填写 0 到 1 的小数，例如 10% 写作 "0.10"。`,
  };
}

/** Why a rate above 1 is refused; what was meant, where it was a percentage. */
export function aboveOneSentence(text: string): Sentence {
  const percent = percentOf(text);
  if (percent === undefined) {
    return {
      message: `${quoted(text)} is above 1, more than the whole; 10% is "0.10".`,
      messageZh: `${quoted(text)}大于 1，超过了全部金额；10% 应写作 "0.10"。`,
    };
  }
  return {
    message: `${quoted(text)} is above 1, more than the whole; for ${text}% write "${percent}".`,
    messageZh: `${quoted(text)}大于 1，超过了全部金额；${text}% 应写作 "${percent}"。`,
  };
}

/** A part of a whole in percent, rounded up to a millionth of the whole: what exceeds shows, `100.0001%`. */
export function percentText({ numerator, denominator }: Fraction): string {
  const millionths = (numerator * 1_000_000n + denominator - 1n) / denominator;
  return `${formatExact(millionths, 4, 0)}%`;
}

/** The rate of a percentage up to 100 that a rate can hold exactly: "30" is "0.3". */
function percentOf(text: string): string | undefined {
  try {
    const hundredfold = parseRate(text);
    if (hundredfold % WHOLE_PERCENT !== 0n) return undefined;
    const rate = ppm(hundredfold / WHOLE_PERCENT);
    return rate > 1_000_000n ? undefined : formatRate(rate);
  } catch (error) {
    if (!(error instanceof RateError)) throw error;
    return undefined;
  }
}
