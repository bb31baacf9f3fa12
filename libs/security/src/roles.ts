import type { ServiceName } from './service-name.js';

/** What a person may do; who may do what stands in the gateway's route table. */
export const roleNames = ['viewer', 'operator', 'approver', 'admin', 'auditor'] as const;

/** What a person may do. */
export type Role = (typeof roleNames)[number];

/** A role on one shop, or on all of them and on what belongs to none (`*`). */
export interface Grant {
  readonly role: Role;
  readonly shopId: string | '*';
}

/** Who is acting: a person through a service, or a service for itself. */
export interface Caller {
  /** The service that speaks. */
  readonly issuer: ServiceName;
  /** User id, or the issuer's own name when it acts for itself. */
  readonly subject: string;
  /** Empty for a service that acts for itself. */
  readonly roles: readonly Grant[];
  readonly requestId: string;
}

/**
 * Whether the caller has one of the roles for the shop, or on `*`; shop null (things that belong
 * to no shop) wants it on `*`. No role contains another: an admin is not implicitly an approver.
 */
export function mayAct(
  caller: Pick<Caller, 'roles'>,
  wanted: { readonly roles: readonly Role[]; readonly shopId: string | null },
): boolean {
  return caller.roles.some(({ role, shopId }) => {
    return wanted.roles.includes(role) && (shopId === '*' || shopId === wanted.shopId);
  });
}
