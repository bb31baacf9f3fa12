import type { Decision } from '@qingfen/core-payout';
import type { Tx } from '@qingfen/database';
import { keyText, type HeldPayout, type PayoutKey } from './payout.store.js';

/** A decision about a payout as it was read. */
export interface Verdict {
  readonly held: HeldPayout;
  readonly decision: Decision;
  /** Who holds it from now on (nobody). */
  readonly owner?: string | null;
}

/**
 * Writes what was decided, unless somebody else has written since it was read. Answers the keys of
 * those that were written; their transitions are appended with them. A question that came while a
 * payout was being sent stays where its sending succeeded: its news may be later than that answer.
 */
export async function saveVerdicts(tx: Tx, verdicts: readonly Verdict[]): Promise<Set<string>> {
  if (verdicts.length === 0) return new Set();
  const rows = await tx.prepared<PayoutKey>('save_payouts', saveSql, [
    JSON.stringify(verdicts.map(rowOf)),
    JSON.stringify(verdicts.flatMap(movesOf)),
  ]);
  return new Set(rows.map(keyText));
}

function movesOf({ decision: { payout, transitions } }: Verdict): Record<string, unknown>[] {
  return transitions.map(({ seq, from, to, at, why, by }) => ({
    shop_id: payout.shopId,
    payout_id: payout.payoutId,
    seq,
    from_state: from,
    to_state: to,
    at,
    why: why.slice(0, 1_000),
    by,
  }));
}

function rowOf({ held, decision, owner }: Verdict): Record<string, unknown> {
  const { payout, askInMs } = decision;
  return {
    shop_id: payout.shopId,
    payout_id: payout.payoutId,
    revision: held.revision,
    state: payout.state,
    reason: payout.reason?.slice(0, 1_000) ?? null,
    seq: payout.seq,
    app_id: payout.appId,
    batch_no: payout.batchNo,
    attempts: payout.attempts,
    is_unsent: payout.isUnsent,
    refusal: payout.refusal,
    failure: payout.failure,
    payee_fault: payout.payeeFault,
    alipay_order_id: payout.alipayOrderId,
    returned_minor: String(payout.returnedMinor),
    approved_doubts: payout.approvedDoubts,
    makers: payout.makers,
    unknown_at: payout.unknownAt,
    asked: payout.asked,
    not_found_at: payout.notFoundAt,
    ask_at: payout.askAt,
    recheck_at: payout.recheckAt,
    changed_at: payout.changedAt,
    sent_at: payout.sentAt,
    approved_hash: payout.approvedHash,
    approved_until: payout.approvedUntil,
    ask_in_ms: askInMs,
    owner: owner ?? null,
  };
}

const saveSql = `
  WITH saved AS (
  UPDATE payout p SET
    state = m.state, reason = m.reason, seq = m.seq, app_id = m.app_id, attempts = m.attempts,
    batch_no = m.batch_no, is_unsent = m.is_unsent, refusal = m.refusal, failure = m.failure,
    payee_fault = m.payee_fault, alipay_order_id = m.alipay_order_id,
    returned_minor = m.returned_minor,
    approved_doubts = m.approved_doubts, makers = m.makers, unknown_at = m.unknown_at,
    asked = m.asked, not_found_at = m.not_found_at, ask_at = m.ask_at,
    recheck_at = m.recheck_at, changed_at = m.changed_at, owner = m.owner, sent_at = m.sent_at,
    approved_hash = m.approved_hash, approved_until = m.approved_until,
    ask_real_at = CASE WHEN p.state = 'sending' AND m.state = 'succeeded'
      THEN LEAST(p.ask_real_at, clock_timestamp() + m.ask_in_ms * interval '1 millisecond')
      ELSE clock_timestamp() + m.ask_in_ms * interval '1 millisecond' END,
    revision = p.revision + 1
  FROM jsonb_to_recordset($1::jsonb) AS m(
    shop_id text, payout_id text, revision integer, state text, reason text, seq integer,
    app_id text, batch_no text, attempts integer, is_unsent boolean, refusal jsonb, failure jsonb,
    payee_fault boolean, alipay_order_id text, returned_minor bigint,
    approved_doubts text[], makers text[],
    unknown_at timestamptz, asked integer, not_found_at timestamptz, ask_at timestamptz,
    recheck_at timestamptz, changed_at timestamptz, ask_in_ms integer, owner text,
    sent_at timestamptz, approved_hash text, approved_until timestamptz)
  WHERE p.shop_id = m.shop_id AND p.payout_id = m.payout_id AND p.revision = m.revision
  RETURNING p.shop_id, p.payout_id
  ), moved AS (
    INSERT INTO payout_transition (shop_id, payout_id, seq, from_state, to_state, at, why, by)
    SELECT shop_id, payout_id, t.seq, t.from_state, t.to_state, t.at, t.why, t.by
      FROM jsonb_to_recordset($2::jsonb) AS t(
        shop_id text, payout_id text, seq integer, from_state text, to_state text, at timestamptz,
        why text, by text)
      JOIN saved USING (shop_id, payout_id)
     ORDER BY shop_id, payout_id, t.seq)
  SELECT shop_id AS "shopId", payout_id AS "payoutId" FROM saved`;
