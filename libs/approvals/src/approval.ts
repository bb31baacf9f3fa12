import { canonicalJson, sha256Hex } from '@qingfen/security';

/** What is done when a second person has said yes: its name, and everything that will be done. */
export interface Wanted {
  readonly wants: string;
  /** JSON; amounts as text, so that it keeps them exactly. */
  readonly document: unknown;
}

/** What wants, or wanted, a second person. */
export type ApprovalRow<W extends Wanted = Wanted> = W & {
  readonly shop_id: string;
  readonly approval_id: bigint;
  readonly subject_id: string;
  readonly summary: string;
  readonly hash: string;
  readonly makers: readonly string[];
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly state: 'open' | 'approved' | 'rejected';
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
};

/** What the approver approves: the shop and everything that will be done, to the letter. */
export function approvalHash(shopId: string, { wants, document }: Wanted): string {
  return sha256Hex(canonicalJson([shopId, wants, document]));
}
