import type { BizContent } from './checks.js';
import { fenOrNothing } from './yuan.js';

/** A text member, or the empty text. */
export function textOf(biz: BizContent, name: string): string {
  const value = biz[name];
  return typeof value === 'string' ? value : '';
}

/** A text member that is not empty, else null. */
export function optionalText(biz: BizContent, name: string): string | null {
  return textOf(biz, name) || null;
}

/** A whole number, as a number or as its digits; undefined when it is neither, `absent` if not there. */
export function wholeIn(biz: BizContent, name: string, absent: number): number | undefined {
  const value = biz[name];
  if (value === undefined || value === null || value === '') return absent;
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Fen of an amount given as a text or as a JSON number of yuan; undefined when it is none. */
export function amountIn(biz: BizContent, name: string): bigint | undefined {
  const value = biz[name];
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' ? fenOrNothing(text) : undefined;
}

/** An object member, or undefined. */
export function objectIn(biz: BizContent, name: string): BizContent | undefined {
  return asObject(biz[name]);
}

/** The objects of a list member; undefined when it is no list of objects. */
export function objectsIn(biz: BizContent, name: string): readonly BizContent[] | undefined {
  const value = biz[name];
  if (!Array.isArray(value)) return undefined;
  const objects = (value as unknown[]).map(asObject);
  return objects.every((object) => object !== undefined) ? objects : undefined;
}

/** The name of a member that is no text of this length, or is missing; undefined when all is well. */
export function badText(
  from: BizContent,
  name: string,
  lengthMax: number,
  required: boolean,
): string | undefined {
  const value = from[name];
  if (value === undefined || value === null || value === '') return required ? name : undefined;
  return typeof value === 'string' && value.length <= lengthMax ? undefined : name;
}

/** The number under which a request is logged and faults are matched; null when it names none. */
export function numberIn(biz: BizContent): string | null {
  for (const name of NUMBERS) {
    const number = textOf(biz, name);
    if (number !== '') return number.slice(0, 64);
  }
  const billDate = textOf(biz, 'bill_date');
  return billDate === '' ? null : `${textOf(biz, 'bill_type')}:${billDate}`.slice(0, 64);
}

/** The caller's own number before Alipay's. */
const NUMBERS: readonly string[] = [
  'out_batch_no',
  'out_biz_no',
  'out_request_no',
  'settle_no',
  'batch_trans_id',
  'out_trade_no',
  'trade_no',
];

function asObject(value: unknown): BizContent | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}

/** JSON with the members of every object sorted, so that equal parameters have equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
