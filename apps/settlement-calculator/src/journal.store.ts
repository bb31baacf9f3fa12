import { insertRows, type Tx } from '@qingfen/database';
import { marksOf, tagOfAccrual, tagOfFact } from './leaf-mark.js';
import { leafText, rootOfTexts } from './merkle.js';

/**
 * What one transaction books, per shop: the texts of its facts in the order in which a verifier reads
 * them back from the tables, under one root (architecture.md rule 9). No lock and no chain here: the
 * sealer links committed batches later.
 */
export class JournalBatch {
  /** By shop. A fact is hashed when it is noted: its text need not live as long as the batch. */
  private readonly notedOf = new Map<string, { readonly leaves: string[]; tags: string }>();

  private constructor(
    readonly batchId: bigint,
    private readonly bookedAt: Date,
  ) {}

  static async open(tx: Tx, bookedAt: Date): Promise<JournalBatch> {
    return new JournalBatch(await nextBatchId(tx), bookedAt);
  }

  /** @throws TypeError for a kind of fact that the verifier could not read back */
  note(shopId: string, fact: readonly (string | number | bigint | Date | null)[]): void {
    this.add(shopId, tagOfFact(fact[0]), factText(fact));
  }

  /** An entry of an accrual, in the form that {@link factText} gives it. */
  noteAccrued(shopId: string, text: string): void {
    this.add(shopId, tagOfAccrual, text);
  }

  /** Writes one row a shop; to be called last, in the transaction that booked the facts. */
  async close(tx: Tx): Promise<void> {
    const rows = [...this.notedOf].map(([shopId, { leaves, tags }]) => {
      const marks = marksOf(tags, leaves);
      return [shopId, this.batchId, rootOfTexts(leaves), leaves.length, this.bookedAt, marks];
    });
    if (rows.length === 0) return;
    await insertRows(tx, {
      table: 'journal_batch',
      columns: {
        shop_id: 'text',
        batch_id: 'bigint',
        root: 'bytea',
        fact_count: 'integer',
        booked_at: 'timestamptz',
        leaf_marks: 'bytea',
      },
      rows,
    });
  }

  private add(shopId: string, tag: string, text: string): void {
    const noted = this.notedOf.get(shopId);
    if (noted === undefined) {
      this.notedOf.set(shopId, { leaves: [leafText(text)], tags: tag });
      return;
    }
    noted.leaves.push(leafText(text));
    noted.tags += tag;
  }
}

/** A place among the batches: what is booked under a lock has a higher one than what it knew of. */
export async function nextBatchId(tx: Tx): Promise<bigint> {
  const [row] = await tx.prepared<{ id: bigint }>(
    'journal-batch-id',
    `SELECT nextval('journal_batch_id_seq') AS id`,
    [],
  );
  if (row === undefined) throw new Error('the sequence answered nothing');
  return row.id;
}

/** One fact as text: a JSON array, so that no two facts read alike. */
export function factText(fact: readonly (string | number | bigint | Date | null)[]): string {
  return JSON.stringify(
    fact.map((part) => {
      if (part instanceof Date) return part.getTime();
      return typeof part === 'bigint' ? part.toString() : part;
    }),
  );
}
