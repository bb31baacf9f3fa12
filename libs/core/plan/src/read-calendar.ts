import { isDay, type BusinessCalendar } from '@qingfen/calendar';
import { readArray, readFields, under, type Place } from './fields.js';
import { quoted } from './problems.js';

/** Three years of holidays and more: a longer list is a mistake or an attack. */
const DAYS_MAX = 500;

/** Reads the days off, and the weekend days on which people work; undefined where the key is absent. */
export function readCalendar(place: Place): BusinessCalendar | undefined {
  if (place.value === undefined) return undefined;
  if (readFields(place, ['holidays', 'workdays']) === undefined) return undefined;
  const holidays = readDayList(under(place, 'holidays'));
  const workdays = readDayList(under(place, 'workdays'));
  for (const day of workdays) {
    if (!holidays.has(day)) continue;
    place.problems.add(
      `${place.pointer}/workdays`,
      'bad-value',
      `${day} cannot be both a holiday and a working day.`,
      `${day} 不能既是节假日又是工作日。`,
    );
  }
  return { holidays, workdays };
}

function readDayList(place: Place): ReadonlySet<string> {
  if (place.value === undefined) return new Set();
  const list = readArray(place);
  if (list === undefined) return new Set();
  if (list.length > DAYS_MAX) {
    const message = `there are ${list.length} days; at most ${DAYS_MAX} are possible.`;
    const messageZh = `共有 ${list.length} 个日期；最多 ${DAYS_MAX} 个。`;
    place.problems.add(place.pointer, 'bad-value', message, messageZh);
    return new Set();
  }
  const days = new Set<string>();
  for (const [index, value] of list.entries()) {
    if (typeof value === 'string' && isDay(value)) days.add(value);
    else {
      place.problems.add(
        `${place.pointer}/${index}`,
        'bad-value',
        `${quoted(value)} is not a day; write it in quotes, like "2026-10-01".`,
        `${quoted(value)}不是有效的日期；请填写带引号的日期，例如 "2026-10-01"。`,
      );
    }
  }
  return days;
}
