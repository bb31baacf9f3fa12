/** How `QINGFEN_CLOCK` is set. */
export type ClockSetting =
  { readonly mode: 'system' } | { readonly mode: 'virtual'; readonly start: Date };

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads `system`, `virtual:<instant>` (ISO 8601 with an offset) or nothing, which is `system`.
 * @throws RangeError naming what is wrong with the text
 */
export function parseClockSetting(text: string | undefined): ClockSetting {
  if (text === undefined || text === '' || text === 'system') return { mode: 'system' };
  const start = /^virtual:(.*)$/.exec(text)?.[1];
  if (start === undefined) {
    throw new RangeError(`QINGFEN_CLOCK must be system or virtual:<instant>, not ${text}`);
  }
  const at = new Date(instant.test(start) ? start : Number.NaN);
  if (Number.isNaN(at.getTime())) {
    throw new RangeError(`QINGFEN_CLOCK: ${start} is no instant with an offset`);
  }
  return { mode: 'virtual', start: at };
}
