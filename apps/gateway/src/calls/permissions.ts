import type { Role } from '@qingfen/security';

/**
 * Who may do what. No role contains another; the first admin has all of them.
 *
 * | who | may |
 * | --- | --- |
 * | everybody with a role on the shop | read |
 * | operator | act: payees, holds, amounts by hand, bindings, retries, cancellations, stop, tests |
 * | operator, approver, admin | try plans on past orders |
 * | approver | say yes or no to what waits for a second person; stop |
 * | admin | configure: shops, credentials, plans, payees, users, the clock; say yes or no; stop |
 * | auditor, admin | read what only concerns an audit: acts, packages |
 */
export const permissions = {
  read: ['viewer', 'operator', 'approver', 'admin', 'auditor'],
  act: ['operator'],
  decide: ['approver', 'admin'],
  configure: ['admin'],
  keepPayees: ['operator', 'admin'],
  tryCredentials: ['operator', 'admin'],
  tryPlans: ['operator', 'approver', 'admin'],
  /** What only concerns an audit. */
  audit: ['admin', 'auditor'],
  stop: ['operator', 'approver', 'admin'],
} as const satisfies Record<string, readonly Role[]>;
