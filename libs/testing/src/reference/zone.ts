import { beginningOf, dayAfter, dayMs } from './days.js';

/** What the clocks of a place show, worked out from how far they are ahead of UTC at an instant. */
export class ReferenceZone {
  readonly #offsetMsAt: (instantMs: number) => number;

  constructor(offsetMsAt: (instantMs: number) => number) {
    this.#offsetMsAt = offsetMsAt;
  }

  /** The day an instant lies in, `YYYY-MM-DD`. */
  dayOf(instantMs: number): string {
    return this.#shown(instantMs).slice(0, 10);
  }

  /**
   * The instant at which the clocks show so many minutes after a day's midnight. What they show twice
   * is the first of the two, what they skip is read with the offset before the gap (domain.md 1).
   */
  instantOf(day: string, minutes = 0): number {
    const shownMs = beginningOf(day) + minutes * 60_000;
    const before = this.#offsetMsAt(shownMs - dayMs);
    const after = this.#offsetMsAt(shownMs + dayMs);
    const offset = [before, after].find((each) => this.#offsetMsAt(shownMs - each) === each);
    return shownMs - (offset ?? before);
  }

  /** An instant with the offset, to the second: how a period is written. */
  textOf(instantMs: number): string {
    const minutes = this.#offsetMsAt(instantMs) / 60_000;
    const ahead = Math.abs(minutes);
    const [hours, rest] = [Math.floor(ahead / 60), ahead % 60];
    const offset = `${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
    return `${this.#shown(instantMs).slice(0, 19)}${offset}`;
  }

  /** The calendar month an instant lies in, `YYYY-MM`. */
  monthOf(instantMs: number): string {
    return this.dayOf(instantMs).slice(0, 7);
  }

  /** The calendar month before the one an instant lies in. */
  monthBefore(instantMs: number): string {
    return dayAfter(`${this.monthOf(instantMs)}-01`, -1).slice(0, 7);
  }

  #shown(instantMs: number): string {
    return new Date(instantMs + this.#offsetMsAt(instantMs)).toISOString();
  }
}

/** The zone of this IANA name, as the machine's own tables have it. */
export function zoneNamed(name: string): ReferenceZone {
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  return new ReferenceZone((instantMs) => {
    const parts = format.formatToParts(instantMs);
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(text);
    if (match === null) throw new Error(`"${text}" is no offset of ${name}`);
    const [, sign, hours = '0', minutes = '0'] = match;
    const aheadMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return sign === '-' ? -aheadMs : aheadMs;
  });
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
