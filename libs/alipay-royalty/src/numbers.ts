import { amountOrNothing } from '@qingfen/alipay';
import type { NoAnswer } from '@qingfen/alipay';
import type { Minor } from '@qingfen/money';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Fen of an amount that Alipay writes as a text in one answer and as a JSON number in another. A
 * number has at most two decimals, so its shortest text is exact; null when it is none.
 */
export function fenIn(node: Fields, name: string): Minor | null {
  const value = node[name];
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' ? amountOrNothing(text) : null;
}

/** The objects of a list; undefined when one of its members is none. An absent list is empty. */
export function objectsIn(node: Fields, name: string): readonly Fields[] | undefined {
  const list: readonly unknown[] = Array.isArray(node[name]) ? node[name] : [];
  const objects = list.map((member) =>
    typeof member === 'object' && member !== null ? { ...member } : undefined,
  );
  return objects.every((object) => object !== undefined) ? objects : undefined;
}

/** An answer that was signed and says nothing that can be used. */
export function unreadable(why: string): NoAnswer {
  return { kind: 'unknown', why, isListed: true, isConflict: false, failure: null };
}
