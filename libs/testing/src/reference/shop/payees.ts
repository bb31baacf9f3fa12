import { inForce, type ReferenceKind } from '../plan-in-force.js';
import { endHolds } from './holds.js';
import type { ShopState } from './state.js';
import type { UpsertedPayee } from './told.js';

/** The newest word on a payee counts; another account ends the hold that the one before caused. */
export function hearPayee(shop: ShopState, data: UpsertedPayee, toldMs: number): void {
  const known = shop.payees.get(data.payeeId);
  if (known !== undefined && known.toldMs > toldMs) return;
  shop.payees.set(data.payeeId, { data, toldMs });
  const account = accountOf(shop, data.payeeId);
  if (account === null) return;
  endHolds(
    shop,
    (hold) =>
      hold.on === 'payee' &&
      hold.id === data.payeeId &&
      hold.reason === 'payee-account' &&
      hold.account !== account,
  );
}

/** A payee's Alipay account as one text; null for none. */
export function accountOf(shop: ShopState, payeeId: string): string | null {
  const alipay = shop.payees.get(payeeId)?.data.alipay;
  if (alipay === undefined) return null;
  return JSON.stringify([alipay.identityType, alipay.identity, alipay.name]);
}

/** The only leader of a team; undefined where it has none or several. */
export function leaderOf(shop: ShopState, teamId: string): string | undefined {
  const leaders = [...shop.payees.values()].filter(
    ({ data }) => data.teamId === teamId && data.roles.includes('team-leader'),
  );
  return leaders.length === 1 ? leaders[0]?.data.payeeId : undefined;
}

/** Whether a payee has done what the version in force at an instant asks for a kind. */
export function hasDoneTasks(
  shop: ShopState,
  payeeId: string,
  asked: { readonly kind: ReferenceKind; readonly atMs: number },
): boolean {
  const done = shop.payees.get(payeeId)?.data.tasks ?? [];
  const { conditions = [] } = inForce(shop.versions, shop.shopId, asked.atMs)?.plan ?? {};
  return conditions.every(
    (condition) =>
      condition.when !== 'payee-task' ||
      condition.for !== asked.kind ||
      done.includes(condition.task),
  );
}
