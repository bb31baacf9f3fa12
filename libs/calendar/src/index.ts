export { addDays, beijingTime, InstantError, parseInstant } from './instant.js';
export { formatInstant, localDate, localMidnight, localMonth, nextLocalMidnight } from './local.js';
export { createZone, isTimezone } from './zone.js';
export type { LocalTime, Zone } from './zone.js';
export { cutoffsOf, isTimeOfDay, nextCutoff, WEEKDAYS } from './cycle.js';
export type { Cutoff, Cycle, MonthDay, Weekday } from './cycle.js';
