import type { BusinessCalendar } from './index.js';

/** The national holiday of 2026, and the Saturday on which people work for it. */
export const GOLDEN_WEEK: BusinessCalendar = {
  holidays: new Set(['01', '02', '03', '04', '05', '06', '07'].map((day) => `2026-10-${day}`)),
  workdays: new Set(['2026-10-10']),
};
