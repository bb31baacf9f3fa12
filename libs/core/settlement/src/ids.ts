import { invariant } from '@qingfen/money';
import type { PartKind } from '@qingfen/core-plan';

/**
 * Derived ids (domain.md 7): the same run gives the same ids, after a restore too. Cores do not
 * hash; the shell takes SHA-256 of the text in UTF-8 and gives the hex digits back.
 */
export interface StatementKey {
  readonly shopId: string;
  readonly currency: string;
  readonly kind: PartKind;
  readonly period: string;
  readonly payeeId: string;
}

/** What a statement's id is the hash of. */
export function statementIdText(key: StatementKey): string {
  return joined([key.shopId, key.currency, key.kind, key.period, key.payeeId]);
}

/** What a payout's id is the hash of; parts count from 1. */
export function payoutIdText(key: StatementKey & { readonly part: number }): string {
  invariant(Number.isInteger(key.part) && key.part >= 1, 'parts count from 1');
  return joined([key.shopId, key.currency, key.kind, key.period, key.payeeId, `${key.part}`]);
}

/** What a payout's number at Alipay is the hash of. */
export function outBizNoText(key: { readonly shopId: string; readonly payoutId: string }): string {
  return joined([key.shopId, key.payoutId]);
}

/** `st_` and 26 hex digits of the hash of {@link statementIdText}. */
export function statementIdOf(sha256Hex: string): string {
  return `st_${digits(sha256Hex, 26)}`;
}

/** `po_` and 26 hex digits of the hash of {@link payoutIdText}. */
export function payoutIdOf(sha256Hex: string): string {
  return `po_${digits(sha256Hex, 26)}`;
}

/** `QF` and 30 hex digits of the hash of {@link outBizNoText}: letters and digits, 32 long. */
export function outBizNoOf(sha256Hex: string): string {
  return `QF${digits(sha256Hex, 30)}`;
}

function joined(parts: readonly string[]): string {
  // Ids and periods have no bar, so two different keys never give one text.
  invariant(
    parts.every((part) => part !== '' && !part.includes('|')),
    'a part of an id has a bar',
  );
  return parts.join('|');
}

function digits(sha256Hex: string, count: number): string {
  invariant(/^[0-9a-f]{64}$/.test(sha256Hex), 'a SHA-256 has 64 hex digits');
  return sha256Hex.slice(0, count);
}
