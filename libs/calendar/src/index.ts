export { addDays, beijingTime, InstantError, isDay, parseInstant } from './instant.js';
export { formatInstant, localDate, localMidnight, localMonth, nextLocalMidnight } from './local.js';
export { createZone, isTimezone } from './zone.js';
export type { LocalTime, Zone } from './zone.js';
export { businessDayFrom, isBusinessDay, PLAIN_WEEK } from './business-days.js';
export type { BusinessCalendar } from './business-days.js';
export { cutoffsOf, isTimeOfDay, WEEKDAYS } from './cycle.js';
export type { Cutoff, Cycle, MonthDay, Weekday } from './cycle.js';
