import { isTimeOfDay, WEEKDAYS, type Cycle, type MonthDay } from '@qingfen/calendar';
import { readFields, under, type Place } from './fields.js';
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
          'A daily cycle runs on every day: leave "on" out.',
          '每日结算无需指定日期：请删除 "on"。',
        );
      }
      return at === undefined ? absent : { every: 'day', at };
    case 'week': {
      const weekday = WEEKDAYS.find((known) => known === on.value);
      if (weekday === undefined) {
        addBad(
          on,
          `A weekly cycle needs the weekday on which it runs: ${WEEKDAYS.join(', ')}.`,
          `每周结算需要指定星期几：${WEEKDAYS.join('、')}。`,
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
          'A monthly cycle needs the day on which it runs: a number from 1 to 28, or "last-day".',
          '每月结算需要指定日期：1 到 28 的数字，或 "last-day"（最后一天）。',
        );
      }
      return at === undefined || monthDay === undefined
        ? absent
        : { every: 'month', on: monthDay, at };
    }
    default:
      addBad(
        under(place, 'every'),
        `${quoted(fields['every'])} is not a cycle; choose day, week or month.`,
        `${quoted(fields['every'])}不是有效的周期；请选择 day（日）、week（周）或 month（月）。`,
      );
      return absent;
  }
}

function readTime(place: Place): string | undefined {
  if (typeof place.value === 'string' && isTimeOfDay(place.value)) return place.value;
  addBad(
    place,
    `${quoted(place.value ?? '')} is not a time of day: write it like "02:00", 00:00 to 23:59.`,
    `${quoted(place.value ?? '')}不是有效的时间：请按 "02:00" 的格式填写，范围 00:00 至 23:59。`,
  );
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
