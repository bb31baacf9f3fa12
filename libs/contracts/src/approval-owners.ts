import type { ServiceName } from './topics.js';

/** How ids of approvals begin, by the service that keeps them: several keep some, and all are one list. */
export const approvalPrefixes = {
  'settlement-calculator': 'ap',
  rules: 'pa',
  reconciliation: 'rd',
} as const satisfies Partial<Record<ServiceName, string>>;

/** A service that keeps approvals. */
export type ApprovalOwner = keyof typeof approvalPrefixes;

/** Every service that keeps approvals. */
export const approvalOwners: readonly ApprovalOwner[] = [
  'settlement-calculator',
  'rules',
  'reconciliation',
];

/** The service that keeps an approval, by its id; null for the id of nothing. */
export function approvalOwnerOf(approvalId: string): ApprovalOwner | null {
  const [prefix = ''] = approvalId.split('_', 1);
  return approvalOwners.find((owner) => approvalPrefixes[owner] === prefix) ?? null;
}
