import { notFound } from '@qingfen/hosting';
import { mayAct, type Caller, type Role } from '@qingfen/security';
import { forbidden } from '../refusals.js';

/**
 * Passes when the caller has one of the roles for the shop (null: on all shops). Whoever has no
 * role at all on a shop is told that it is not there.
 *
 * @throws ProblemError 403 or 404
 */
export function demand(
  caller: Pick<Caller, 'roles'>,
  wanted: { readonly roles: readonly Role[]; readonly shopId: string | null },
): void {
  if (mayAct(caller, wanted)) return;
  const { shopId } = wanted;
  const knowsShop = caller.roles.some((grant) => grant.shopId === '*' || grant.shopId === shopId);
  if (shopId !== null && !knowsShop) throw notFound(`There is no shop "${shopId}" for you.`);
  const where = shopId === null ? 'on all shops' : 'for this shop';
  throw forbidden(`This wants one of the roles ${wanted.roles.join(', ')} ${where}.`);
}
