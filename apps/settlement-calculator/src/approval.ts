import type { ApprovalRow as RowOf } from '@qingfen/approvals';
import type { Kind } from '@qingfen/contracts';
import type { RolloutChange } from './rollout.service.js';
import type { TaxPaymentDocument } from './tax-payment.service.js';

/** Whose approvals these are: their ids begin with this service's prefix. */
export const approvalOwner = 'settlement-calculator';

/** An amount by hand as it is approved: minor units as text, so that JSON keeps them exactly. */
export interface ManualAmount {
  readonly payeeId: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly amountMinor: string;
  readonly reason: string;
  readonly orderId: string | null;
}

/** What is done when a second person has said yes. */
export type Wanted =
  | { readonly wants: 'adjustment'; readonly document: ManualAmount }
  | { readonly wants: 'recovery'; readonly document: ManualAmount }
  | {
      readonly wants: 'write-off';
      readonly document: { readonly recoveryId: string; readonly reason: string };
    }
  | {
      readonly wants: 'opening-balances';
      readonly document: { readonly items: readonly ManualAmount[] };
    }
  | {
      readonly wants: 'move';
      readonly document: { readonly taken: ManualAmount; readonly given: ManualAmount };
    }
  | { readonly wants: 'rollout'; readonly document: RolloutChange }
  | { readonly wants: 'tax-payment'; readonly document: TaxPaymentDocument };

export type ApprovalRow = RowOf<Wanted>;
