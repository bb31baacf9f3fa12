import { isTimeOfDay, WEEKDAYS, type Cycle, type MonthDay } from '@qingfen/calendar';
import { addRequired, readFields, under, type Place } from './fields.js';
import { glossed } from './place-words.js';
import { quoted } from './problems.js';

/**
 * Reads when runs take place; the default where the key is absent or what stands there is refused.
 */
export function readCycle(place: Place, absent: Cycle): Cycle {
  if (place.value === undefined) return absent;
  const fields = readFields(place, ['every', 'on', 'at']);
  if (fields === undefined) return absent;
  const at = readTime(under(place, 'at'));
  const on = under(place, 'on');
  switch (fields['every']) {
    case 'day':
      if (on.value !== undefined) {
        addBad(
          on,
          'a daily cycle runs on every day; leave "on" out.',
          '每日结算无需指定日期；请删除 "on"。',
        );
      }
      return at === undefined ? absent : { every: 'day', at };
    case 'week': {
      const weekday = WEEKDAYS.find((known) => known === on.value);
      if (weekday === undefined) {
        addBad(
          on,
          `a weekly cycle needs the weekday on which it runs, one of ${WEEKDAYS.join(', ')}.`,
          `每周结算需要指定星期几，可选：${glossed(WEEKDAYS)}。`,
        );
      }
      return at === undefined || weekday === undefined
        ? absent
        : { every: 'week', on: weekday, at };
    }
    case 'month': {
      const monthDay = readMonthDay(on.value);
      if (monthDay === undefined) {
        addBad(
          on,
          'a monthly cycle needs the day on which it runs: a number from 1 to 28, or "last-day".',
          '每月结算需要指定日期：1 到 28 的数字，或 "last-day"（最后一天）。',
        );
      }
      return at === undefined || monthDay === undefined
        ? absent
        : { every: 'month', on: monthDay, at };
    }
    default: {
      const every = under(place, 'every');
      if (every.value === undefined) addRequired(every);
      else {
        addBad(
          every,
          `${quoted(every.value)} is not how often runs can take place; choose day, week or month.`,
          `${quoted(every.value)}不是有效的频率；请选择 day（日）、week（周）或 month（月）。`,
        );
      }
      return absent;
    }
  }
}

function readTime(place: Place): string | undefined {
  if (typeof place.value === 'string' && isTimeOfDay(place.value)) return place.value;
  if (place.value === undefined) addRequired(place);
  else {
    addBad(
      place,
      `${quoted(place.value)} is not a time of day; write one from "00:00" to "23:59".`,
      `${quoted(place.value)}不是有效的时间；请填写 "00:00" 到 "23:59" 之间的时间。`,
    );
  }
  return undefined;
}

function readMonthDay(value: unknown): MonthDay | 'last-day' | undefined {
  if (value === 'last-day') return value;
  return isMonthDay(value) ? value : undefined;
}

function isMonthDay(value: unknown): value is MonthDay {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 28;
}

function addBad(place: Place, message: string, messageZh: string): void {
  place.problems.add(place.pointer, 'bad-cycle', message, messageZh);
}
