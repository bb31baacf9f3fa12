import type { Tx } from '@qingfen/database';
import type { ListRecord, ListSpan } from '@qingfen/hosting';

type Reader = Pick<Tx, 'query'>;

/** Open at some instant of the span, however it ended since. */
const ofSpan = 'd.opened_at < $3 AND (d.closed_at IS NULL OR d.closed_at >= $2)';

interface Row {
  readonly place: string;
  readonly fields: readonly unknown[];
}

/** Instants as milliseconds, amounts as digits: what a verifier reads in any language. */
function recordOf({ place, fields }: Row): ListRecord {
  return [
    place,
    ...fields.map((field) => {
      if (field instanceof Date) return field.getTime();
      return typeof field === 'bigint' ? field.toString() : field;
    }),
  ];
}

async function records<T>(
  reader: Reader,
  sql: string,
  params: readonly unknown[],
  fieldsOf: (row: T) => Row,
): Promise<ListRecord[]> {
  const rows = await reader.query<T>(sql, params);
  return rows.map((row) => recordOf(fieldsOf(row)));
}

interface DifferenceFact {
  readonly difference_id: string;
  readonly day: string;
  readonly comparison: string;
  readonly class: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly state: string;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
  readonly approved_by: string | null;
  readonly reason: string | null;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Differences as they stand. */
export function auditedDifferences(reader: Reader, span: ListSpan): Promise<ListRecord[]> {
  const sql = `
    SELECT d.* FROM difference d
     WHERE d.shop_id = $1 AND ${ofSpan} AND d.difference_id > $4
     ORDER BY d.difference_id LIMIT $5`;
  return records<DifferenceFact>(reader, sql, paramsOf(span, [span.after]), (row) => ({
    place: row.difference_id,
    fields: [
      ...[row.day, row.comparison, row.class, row.subject_type, row.subject_id],
      ...[row.currency, row.amount_minor, row.state, row.opened_at, row.closed_at],
      ...[row.closed_by, row.approved_by, row.reason, row.ours, row.theirs],
    ],
  }));
}

interface StepFact extends Pick<
  DifferenceFact,
  'difference_id' | 'day' | 'state' | 'class' | 'amount_minor' | 'ours' | 'theirs'
> {
  readonly step_no: bigint;
  readonly at: Date;
}

/** Everything that was ever told of them, and by which comparison. */
export function auditedSteps(reader: Reader, span: ListSpan): Promise<ListRecord[]> {
  const [id = '', number = '0'] = span.after.split('/');
  const sql = `
    SELECT s.* FROM difference_step s
      JOIN difference d ON d.shop_id = s.shop_id AND d.difference_id = s.difference_id
     WHERE s.shop_id = $1 AND ${ofSpan} AND (s.difference_id, s.step_no) > ($4, $6)
     ORDER BY s.difference_id, s.step_no LIMIT $5`;
  return records<StepFact>(reader, sql, paramsOf(span, [id, BigInt(number)]), (row) => ({
    place: `${row.difference_id}/${row.step_no}`,
    fields: [row.at, row.day, row.state, row.class, row.amount_minor, row.ours, row.theirs],
  }));
}

interface ClosingFact {
  readonly approval_id: bigint;
  readonly difference_id: string;
  readonly closed_as: string;
  readonly asked_reason: string;
  readonly hash: string;
  readonly makers: readonly string[];
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly state: string;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
}

/** Who asked for one of them to be closed, and what a second person said. */
export function auditedClosings(reader: Reader, span: ListSpan): Promise<ListRecord[]> {
  const sql = `
    SELECT a.*, d.difference_id, a.document->>'as' AS closed_as,
           a.document->>'reason' AS asked_reason
      FROM approval a
      JOIN difference d ON d.shop_id = a.shop_id
                       AND d.difference_id = a.document->>'differenceId'
     WHERE a.shop_id = $1 AND ${ofSpan} AND a.approval_id > $4
     ORDER BY a.approval_id LIMIT $5`;
  return records<ClosingFact>(reader, sql, paramsOf(span, [BigInt(span.after)]), (row) => ({
    place: row.approval_id.toString(),
    fields: [
      ...[row.difference_id, row.closed_as, row.asked_reason, row.makers, row.requested_at],
      ...[row.expires_at, row.state, row.decided_by, row.decided_at, row.reason, row.hash],
    ],
  }));
}

function paramsOf(
  { shopId, from, to, limit }: ListSpan,
  [place, ...more]: readonly unknown[],
): readonly unknown[] {
  return [shopId, from, to, place, limit, ...more];
}
