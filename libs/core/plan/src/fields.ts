import {
  AmountError,
  ONE_PPM,
  parseAmount,
  parseRate,
  RateError,
  type Minor,
  type Ppm,
} from '@qingfen/money';
import {
  aboveOneSentence,
  notAnAmountSentence,
  notARateSentence,
  notTextSentence,
} from './decimal-words.js';
import { glossed } from './place-words.js';
import { pointerKey, quoted, type Problems } from './problems.js';

/** A JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** One value of a plan, where it stands, and where to say what is wrong with it. */
export interface Place {
  readonly value: unknown;
  readonly pointer: string;
  readonly problems: Problems;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a key as a place of its own; an absent key has the value undefined. */
export function under(place: Place, key: string | number): Place {
  const { value } = place;
  const inner =
    typeof key === 'number'
      ? Array.isArray(value)
        ? value[key]
        : undefined
      : isFields(value) && Object.hasOwn(value, key)
        ? value[key]
        : undefined;
  const pointer = `${place.pointer}/${pointerKey(String(key))}`;
  return { value: inner, pointer, problems: place.problems };
}

/**
 * The object that stands here with these keys at most; undefined, and said so, where there is none.
 */
export function readFields(place: Place, keys: readonly string[]): Fields | undefined {
  if (!isFields(place.value)) {
    place.problems.add(
      place.pointer,
      'wrong-type',
      `${quoted(place.value)} cannot stand here: these are settings in braces, { … }.`,
      `此处不能填${quoted(place.value)}：应为一组放在花括号 { … } 中的设置。`,
    );
    return undefined;
  }
  for (const key of Object.keys(place.value)) {
    if (keys.includes(key)) continue;
    place.problems.add(
      `${place.pointer}/${pointerKey(key)}`,
      'unknown-key',
      `there is no setting ${quoted(key)} here; the settings are ${keys.join(', ')}.`,
      `此处没有名为${quoted(key)}的设置；可用的设置有：${glossed(keys)}。`,
    );
  }
  return place.value;
}

/** The array that stands here; undefined, and said so, where there is none. */
export function readArray(place: Place): readonly unknown[] | undefined {
  if (Array.isArray(place.value)) return place.value;
  place.problems.add(
    place.pointer,
    'wrong-type',
    `${quoted(place.value)} cannot stand here: this is a list in brackets, [ … ].`,
    `此处不能填${quoted(place.value)}：应为放在方括号 [ … ] 中的列表。`,
  );
  return undefined;
}

/** One of a few words, or the default where the key is absent. */
export function readWord<W extends string>(place: Place, words: readonly W[], absent: W): W {
  if (place.value === undefined) return absent;
  const word = words.find((known) => known === place.value);
  if (word !== undefined) return word;
  place.problems.add(
    place.pointer,
    'bad-value',
    `${quoted(place.value)} is not possible here; choose one of ${words.join(', ')}.`,
    `此处不能填${quoted(place.value)}；请从下列选项中选择：${glossed(words)}。`,
  );
  return absent;
}

/** The most days a window or a delay may have: ten years, which no shop means. */
const DAYS_MAX = 3650;

/** A whole number of days, or the default where the key is absent. */
export function readDays(place: Place, absent: number): number {
  const { value } = place;
  if (value === undefined) return absent;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= DAYS_MAX) {
    return value;
  }
  place.problems.add(
    place.pointer,
    'bad-value',
    `${quoted(value)} is not a number of days; write a whole number from 0 to ${DAYS_MAX}, without quotes.`,
    `${quoted(value)}不是有效的天数；请填写 0 到 ${DAYS_MAX} 之间的整数，不加引号。`,
  );
  return absent;
}

/** An amount of the plan's currency, or the default where the key is absent. */
export function readAmount<A>(place: Place, currency: string, absent: A): Minor | A {
  if (place.value === undefined) return absent;
  if (!isDecimalText(place)) return absent;
  try {
    return parseAmount(place.value, currency);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    const { message, messageZh } = notAnAmountSentence(place.value, currency);
    place.problems.add(place.pointer, 'bad-decimal', message, messageZh);
    return absent;
  }
}

/** A rate from 0 to 1 with at most 6 decimals, or the default where the key is absent. */
export function readRate(place: Place, absent: Ppm): Ppm {
  if (place.value === undefined) return absent;
  if (!isDecimalText(place)) return absent;
  try {
    const ratePpm = parseRate(place.value);
    if (ratePpm <= ONE_PPM) return ratePpm;
    const { message, messageZh } = aboveOneSentence(place.value);
    place.problems.add(place.pointer, 'rate-above-one', message, messageZh);
  } catch (error) {
    if (!(error instanceof RateError)) throw error;
    const { message, messageZh } = notARateSentence(place.value);
    place.problems.add(place.pointer, 'bad-rate', message, messageZh);
  }
  return absent;
}

function isDecimalText(place: Place): place is Place & { readonly value: string } {
  if (typeof place.value === 'string') return true;
  const { message, messageZh } = notTextSentence(place.value);
  place.problems.add(place.pointer, 'wrong-type', message, messageZh);
  return false;
}

/** Says that something must be there. */
export function addRequired(place: Place): void {
  place.problems.add(
    place.pointer,
    'required',
    'this is missing, and nothing can be assumed in its place.',
    '缺少此项，且没有可用的默认值。',
  );
}

/** Says that a form of the specification is not available yet, and what it is. */
export function addNotYet(place: Place, what: string, whatZh: string): void {
  place.problems.add(
    place.pointer,
    'not-yet-supported',
    `${what} not available yet.`,
    `${whatZh}尚未开放。`,
  );
}
