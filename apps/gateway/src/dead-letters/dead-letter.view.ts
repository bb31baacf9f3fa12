import { formatInstant } from '@qingfen/calendar';
import { deadLetterCodes, type DeadLetter } from '@qingfen/contracts';
import { originOf, type DeadLetter as Letter } from '@qingfen/messaging';

/** How much of a value a list shows; `npm run dlq -- show` has all of it. */
const valueCharsMax = 64 * 1024;
const keyCharsMax = 1_000;
const reasonCharsMax = 4_000;
/** What belongs to no shop is shown in the installation's own zone. */
const houseTimezone = 'Asia/Shanghai';

/** A dead letter as the API shows one. */
export function letterShown(letter: Letter): DeadLetter {
  const { topic, offset, key, value } = letter;
  const origin = originOf(letter);
  return {
    topic,
    offset,
    originalPartition: wholeIn(origin.partition),
    originalOffset: origin.offset !== null && isWhole(origin.offset) ? origin.offset : null,
    key: key === null ? null : key.toString('utf8').slice(0, keyCharsMax),
    value: value === null ? null : valueShown(letter.topic, value),
    valueBytes: value?.length ?? 0,
    error: deadLetterCodes.find((code) => code === origin.error) ?? 'unknown',
    reason: (origin.reason ?? '').slice(0, reasonCharsMax),
    failedAt: instantIn(origin.failedAt),
  };
}

function valueShown(topic: Letter['topic'], value: Buffer): string {
  // No character is longer than four bytes, so nothing that is shown is cut off here.
  const text = value.subarray(0, valueCharsMax * 4).toString('utf8');
  const shown = topic === 'payee-upserted' ? withoutAccounts(text) : text;
  return shown.slice(0, valueCharsMax);
}

/**
 * Accounts and names are masked wherever they are shown (R-SEC-2), here too: by the letters of the
 * text, since what stands among the dead letters may be no JSON.
 */
function withoutAccounts(text: string): string {
  return text.replace(/("(?:identity|name)"\s*:\s*")((?:[^"\\]|\\.)*)/g, '$1***');
}

function isWhole(text: string): boolean {
  return /^(0|[1-9][0-9]{0,17})$/.test(text);
}

function wholeIn(text: string | null): number | null {
  return text !== null && /^(0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : null;
}

function instantIn(text: string | null): string | null {
  const at = new Date(text ?? '');
  return Number.isNaN(at.getTime()) ? null : formatInstant(at, houseTimezone);
}
