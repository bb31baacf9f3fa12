import { createHmac, timingSafeEqual } from 'node:crypto';

import { BILL_FLAWS } from './faults.js';
import type { BillFlaw } from './faults.js';
import type { MerchantTerms } from './records.js';
import { billPeriod } from './bill-period.js';
import type { BillPeriod, BillType } from './bill-period.js';

export const BILL_FILE_PATH = '/downloadBillFile.resource';

/**
 * How long an address works, in real time: it is a technical time-out against an address that leaks.
 * On the virtual clock, which stands still between moves, it would never end.
 */
const VALID_MS = 30_000;

const BIZ_TYPES: Readonly<Record<BillType, string>> = { trade: 'trade', signcustomer: 'fnd' };

/** The file that an address is for. */
export interface BillFile {
  readonly period: BillPeriod;
  readonly flaw: BillFlaw | null;
}

/** Alipay's user number in bills: the partner's id and `0156`. */
export function billUser(terms: MerchantTerms): string {
  return `${terms.pid}0156`;
}

/** The address of a bill's file, for anybody who knows it, for 30 seconds of real time. */
export function billAddress(
  origin: string,
  terms: MerchantTerms,
  { period, flaw }: BillFile,
  realNowMs: number,
): string {
  const { type, date } = period;
  const dates = date.replaceAll('-', '');
  const query = new URLSearchParams({
    bizType: BIZ_TYPES[type],
    userId: billUser(terms),
    fileType: 'csv.zip',
    bizDates: dates,
    downloadFileName: `${billUser(terms)}_${dates}.csv.zip`,
    fileId: Buffer.from(JSON.stringify([terms.appId, type, date, flaw])).toString('base64url'),
    timestamp: String(realNowMs),
  });
  query.set('token', tokenOf(query, terms));
  return `${origin}${BILL_FILE_PATH}?${query.toString()}`;
}

/** The app that an address names, before anybody believes it. */
export function appIdIn(query: URLSearchParams): string | null {
  const [appId] = fileIdIn(query) ?? [];
  return typeof appId === 'string' ? appId : null;
}

/** The file of an address; undefined when it was changed, or is older than 30 seconds. */
export function billFileAt(
  query: URLSearchParams,
  terms: MerchantTerms,
  realNowMs: number,
): BillFile | undefined {
  const given = Buffer.from(query.get('token') ?? '');
  const right = Buffer.from(tokenOf(query, terms));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  if (!(realNowMs - Number(query.get('timestamp')) <= VALID_MS)) return undefined;
  const [, type, date, flawName] = fileIdIn(query) ?? [];
  if ((type !== 'trade' && type !== 'signcustomer') || typeof date !== 'string') return undefined;
  const period = billPeriod(type, date);
  if (period === undefined) return undefined;
  return { period, flaw: BILL_FLAWS.find((known) => known === flawName) ?? null };
}

function tokenOf(query: URLSearchParams, terms: MerchantTerms): string {
  const signed = new URLSearchParams(query);
  signed.delete('token');
  return createHmac('sha256', terms.alipay.privateKey).update(signed.toString()).digest('hex');
}

function fileIdIn(query: URLSearchParams): readonly unknown[] | undefined {
  try {
    const text = Buffer.from(query.get('fileId') ?? '', 'base64url').toString('utf8');
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}
