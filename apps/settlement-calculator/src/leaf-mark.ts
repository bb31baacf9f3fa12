/**
 * The marks of a batch: for each fact, in its place, one letter for the table of its row and the first
 * four bytes of its leaf. A root alone says that something is wrong; marks say which row. They prove
 * nothing: what is proven is the root, and whoever forges marks is found by it.
 */
const markBytes = 5;

/** The tables whose rows are facts, in the order in which a batch notes them. */
export const sealedTables = [
  { tag: 'r', table: 'order_rebinding', fact: 'order-rebound' },
  { tag: 'a', table: 'accrual', fact: 'entry' },
  { tag: 's', table: 'single_entry', fact: 'entry' },
  { tag: 'j', table: 'entry_adjustment', fact: 'entry-adjustment' },
  { tag: 'o', table: 'settled_outside', fact: 'settled-outside' },
  { tag: 't', table: 'statement', fact: 'statement' },
  { tag: 'l', table: 'ledger_transaction', fact: 'ledger-transaction' },
] as const;

export type SealedTable = (typeof sealedTables)[number]['table'];

/** Entries of an accrual share a row; those noted one by one have rows of their own. */
export const tagOfAccrual = 'a';

const tags = new Map<unknown, string>(
  sealedTables.filter(({ tag }) => tag !== tagOfAccrual).map(({ tag, fact }) => [fact, tag]),
);

/** @throws TypeError for a fact that nobody would know how to read back */
export function tagOfFact(kind: unknown): string {
  const tag = tags.get(kind);
  if (tag === undefined) throw new TypeError(`no table keeps facts of the kind ${String(kind)}`);
  return tag;
}

export function tagOfTable(table: SealedTable): string {
  const found = sealedTables.find((known) => known.table === table);
  if (found === undefined) throw new TypeError(`${table} is not sealed`);
  return found.tag;
}

/** Marks from tags, a letter a fact, and leaves of a character a byte. */
export function marksOf(tagLetters: string, leaves: readonly string[]): Buffer {
  const marks = leaves.map((leaf, index) => markOf(tagLetters.charAt(index), leaf));
  return Buffer.from(marks.join(''), 'latin1');
}

/** One fact's mark. */
export function markOf(tag: string, leaf: string): string {
  return tag + leaf.slice(0, markBytes - 1);
}

/** Marks one by one, as {@link markOf} gives them. */
export function readMarks(marks: Buffer): string[] {
  const text = marks.toString('latin1');
  return Array.from({ length: Math.ceil(text.length / markBytes) }, (_, index) =>
    text.slice(index * markBytes, (index + 1) * markBytes),
  );
}

/** Which table a mark says its fact stands in. */
export function tableOfMark(mark: string | undefined): SealedTable | null {
  return sealedTables.find(({ tag }) => tag === mark?.charAt(0))?.table ?? null;
}

/** The first place at which marks and what was read back part, and how. */
export type Parting =
  | { readonly kind: 'changed' | 'moved' | 'extra'; readonly place: number }
  | { readonly kind: 'gone'; readonly place: number; readonly mark: string };

/**
 * Compares what was noted with what is there, place by place; null where they agree. `gone` is at the place of
 * the fact that is missing, the others at the place of the row that is there and is not what was noted.
 */
export function firstParting(noted: readonly string[], there: readonly string[]): Parting | null {
  const longest = Math.max(noted.length, there.length);
  for (let place = 0; place < longest; place += 1) {
    const [mark, row] = [noted[place], there[place]];
    if (mark === row) continue;
    if (mark === undefined) return { kind: 'extra', place };
    if (row === undefined) return { kind: 'gone', place, mark };
    const isRowLater = noted.includes(row, place + 1);
    const isMarkLater = there.includes(mark, place + 1);
    if (isRowLater && isMarkLater) return { kind: 'moved', place };
    if (isRowLater) return { kind: 'gone', place, mark };
    if (isMarkLater) return { kind: 'extra', place };
    return { kind: 'changed', place };
  }
  return null;
}
