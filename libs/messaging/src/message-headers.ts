import type { IHeaders } from 'kafkajs';

type HeaderBytes = Buffer | string;
type Stored = string | { readonly base64: string };

const none: Readonly<Record<string, string>> = Object.freeze({});

function firstOf(value: IHeaders[string]): HeaderBytes | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Headers as text, the first of each name. */
export function headersAsText(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  if (headers === undefined) return none;
  const names = Object.keys(headers);
  if (names.length === 0) return none;
  const text: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = firstOf(headers[name]);
    if (value !== undefined) text[name] = value.toString();
  }
  return text;
}

function toStored(value: HeaderBytes): Stored {
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') };
}

/** Headers as the outbox keeps them: JSON, bytes that are no UTF-8 as base64. */
export function headersToJson(headers: IHeaders): string {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, Array.isArray(value) ? value.map(toStored) : toStored(value)] as const];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

function fromStored(value: unknown): HeaderBytes {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'base64' in value) {
    return Buffer.from(String(value.base64), 'base64');
  }
  throw new TypeError('not a header as the outbox keeps it');
}

/** The reverse of {@link headersToJson}. */
export function headersFromJson(text: string): IHeaders {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('not headers');
  const headers: IHeaders = {};
  for (const [name, value] of Object.entries(parsed)) {
    headers[name] = Array.isArray(value) ? value.map(fromStored) : fromStored(value);
  }
  return headers;
}
