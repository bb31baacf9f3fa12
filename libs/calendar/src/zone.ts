import { Temporal } from 'temporal-polyfill';
import { invariant } from '@qingfen/money';
import { epochDay } from './instant.js';

const DAY_MS = 86_400_000;

/** A calendar day of a zone, and the time on its clocks. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * One time zone's rules. A local time that does not exist is read with the offset before the gap,
 * one that exists twice is the first (domain.md 1).
 */
export interface Zone {
  readonly name: string;
  /** What the zone's clocks are ahead of UTC at this instant. */
  offsetMsAt(at: Date): number;
  /** The instant at which the zone's clocks show this. */
  instantOf(local: LocalTime): Date;
  /** The zone's local time as if it were UTC: its getUTC… parts are what the clocks show. */
  shownAt(at: Date): Date;
}

/** A stretch of time in which the offset does not change; half-open. */
interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/** Is this the name of an IANA time zone (`Asia/Shanghai`, `UTC`)? Bare offsets are none. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** How many stretches a zone remembers: about 32 years of a zone with two changes a year. */
const STRETCHES_MAX = 64;

/**
 * Makes the rules of a zone ready to ask often: an offset is looked up once for each stretch
 * between two changes of the clocks, everything else is integer arithmetic.
 *
 * @throws InvariantError when the name is no zone ({@link isTimezone} tells before).
 */
export function createZone(name: string): Zone {
  invariant(isTimezone(name), `"${name}" is not a time zone`);
  let stretches: readonly Stretch[] = [];

  function stretchAt(ms: number): Stretch {
    for (const known of stretches) {
      if (ms >= known.fromMs && ms < known.untilMs) return known;
    }
    const found = stretchOf(name, ms);
    stretches = [found, ...stretches.slice(0, STRETCHES_MAX - 1)];
    return found;
  }

  function instantOf(local: LocalTime): Date {
    const localMs =
      epochDay(local.year, local.month, local.day) * DAY_MS +
      local.hour * 3_600_000 +
      local.minute * 60_000;
    // Offsets lie within a day of UTC: if the day around shows one stretch only, there is no doubt.
    const stretch = stretchAt(localMs - DAY_MS);
    if (localMs + DAY_MS < stretch.untilMs) return new Date(localMs - stretch.offsetMs);
    const zoned = Temporal.PlainDateTime.from(local).toZonedDateTime(name, {
      disambiguation: 'compatible',
    });
    return new Date(zoned.epochMilliseconds);
  }

  return {
    name,
    offsetMsAt: (at) => stretchAt(at.getTime()).offsetMs,
    instantOf,
    shownAt: (at) => new Date(at.getTime() + stretchAt(at.getTime()).offsetMs),
  };
}

function stretchOf(name: string, ms: number): Stretch {
  const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
  const next = zoned.getTimeZoneTransition('next');
  // The one before this instant's next millisecond, so that a transition at the instant itself
  // counts.
  const previous = zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  return {
    fromMs: previous === null ? -Infinity : previous.epochMilliseconds,
    untilMs: next === null ? Infinity : next.epochMilliseconds,
    offsetMs: zoned.offsetNanoseconds / 1_000_000,
  };
}

/**
 * Zones by name, kept because making one asks Intl. A pure memo: the answer depends on the name
 * alone; it is emptied when somebody asks for more names than there are zones.
 */
const zones = new Map<string, Zone>();
const ZONES_MAX = 1_000;

/** The zone of this name, made once. @throws InvariantError when the name is no zone. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const made = createZone(name);
  if (zones.size >= ZONES_MAX) zones.clear();
  zones.set(name, made);
  return made;
}
