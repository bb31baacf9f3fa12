/** How failed log-ins of one subject slow down the next ones. */
export interface Pace {
  /** Failures that cost nothing but the time of the answer. */
  readonly freeFailures: number;
  /** The longest wait. */
  readonly blockSecondsMax: number;
}

/** Failures are forgotten when this long has passed since the last one. */
export const forgetAfterSeconds = 900;

/**
 * One person from one address is slowed soon; an address trying many names later; a name tried from
 * everywhere is slowed last and least, or anybody could keep the admin out.
 */
export const paces = {
  personAndAddress: { freeFailures: 5, blockSecondsMax: 900 },
  address: { freeFailures: 30, blockSecondsMax: 900 },
  person: { freeFailures: 100, blockSecondsMax: 30 },
} as const satisfies Record<string, Pace>;

/** Seconds until the next try, after so many failures in a row: 1, 2, 4 … up to the most. */
export function blockSecondsAfter(failures: number, pace: Pace): number {
  const beyond = failures - pace.freeFailures;
  if (beyond < 0) return 0;
  return Math.min(2 ** Math.min(beyond, 30), pace.blockSecondsMax);
}

/** What the failures of a try are counted under. */
export function subjectsOf(username: string, address: string): { subject: string; pace: Pace }[] {
  return [
    { subject: `person-address:${username}|${address}`, pace: paces.personAndAddress },
    { subject: `address:${address}`, pace: paces.address },
    { subject: `person:${username}`, pace: paces.person },
  ];
}
