import { onScreen } from '@qingfen/local';
import type { DeadLetter } from '@qingfen/messaging';

/** A dead letter whole, for reading: headers one a line, then the value as text. */
export function wholeText(letter: DeadLetter): string {
  const headers = Object.entries(letter.headers).map(([name, value]) => {
    const texts = (Array.isArray(value) ? value : [value]).map((one) => onScreen(`${one}`));
    return `${onScreen(name)}: ${texts.join(' | ')}`;
  });
  const key = letter.key === null ? 'no key' : `key: ${onScreen(letter.key.toString())}`;
  const value = letter.value === null ? 'no value' : valueText(letter.value);
  return [
    `${letter.topic}.dlq ${letter.partition}:${letter.offset}`,
    ...headers,
    key,
    '',
    value,
  ].join('\n');
}

function valueText(value: Buffer): string {
  const text = value.toString('utf8');
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.split('\n').map(onScreen).join('\n');
  }
}
