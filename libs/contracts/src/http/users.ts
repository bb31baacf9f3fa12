import { z } from 'zod';
import { id, list, oneOf, record, strictRecord, text, whole } from '../fields.js';
import { phrase } from '../phrase.js';

/** What a person may do; `admin` includes none of the others. */
export const role = oneOf(['viewer', 'operator', 'approver', 'admin', 'auditor']);
/** What a person may do. */
export type Role = z.output<typeof role>;

const notAShop = phrase('is not a shop id or "*"', '不是店铺编号或 "*"');

/** A role on one shop, or on all (`*`). */
export const roleGrant = strictRecord({
  role,
  shopId: z.union([z.literal('*'), id], { error: notAShop }),
});
/** A role on one shop, or on all (`*`). */
export type RoleGrant = z.output<typeof roleGrant>;

const username = text(64);

/** Body of `POST /auth/login`. */
export const loginBody = strictRecord({
  username,
  password: text(1000),
  totp: text(16).optional(),
});
/** Body of `POST /auth/login`. */
export type LoginBody = z.output<typeof loginBody>;

/** Body of `POST /auth/refresh`. */
export const refreshBody = strictRecord({ refreshToken: text(4000) });
/** Body of `POST /auth/refresh`. */
export type RefreshBody = z.output<typeof refreshBody>;

/** Answer of a log-in; the access token goes into `Authorization: Bearer`. */
export const tokens = record({
  accessToken: text(10_000),
  expiresInSeconds: whole(1, 86_400),
  refreshToken: text(4000),
});
/** Answer of a log-in. */
export type Tokens = z.output<typeof tokens>;

/** Body of `POST /users`. */
export const userBody = strictRecord({
  username,
  /** At least 12 characters. */
  password: text(1000, 12),
  roles: list(roleGrant, 1000),
});
/** Body of `POST /users`. */
export type UserBody = z.output<typeof userBody>;

/** A user as the API shows one; passwords never. */
export const user = record({ userId: text(100), username, roles: list(roleGrant, 1000) });
/** A user as the API shows one. */
export type User = z.output<typeof user>;
