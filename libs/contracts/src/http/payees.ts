import { z } from 'zod';
import { id, instant, list, oneOf, record, strictRecord, text } from '../fields.js';
import {
  alipayAccountFields,
  alipayIdentityType,
  payeeFields,
  payeeRole,
} from '../upstream-events.js';

/** Why an entry, an order or a payee is not stated yet. */
export const holdKind = oneOf([
  'dispute',
  'refund-refused',
  'payee-account',
  'condition',
  'operator',
]);
/** Why an entry, an order or a payee is not stated yet. */
export type HoldKind = z.output<typeof holdKind>;

/** Body of every call that only wants to know why. */
export const reasonBody = strictRecord({ reason: text(1000) });
/** Body of every call that only wants to know why. */
export type ReasonBody = z.output<typeof reasonBody>;

/** Body of `PUT …/payees/:payeeId`: the whole payee, as `payee-upserted` without ids. */
export const payeeBody = strictRecord({
  ...payeeFields,
  alipay: strictRecord(alipayAccountFields).optional(),
});
/** Body of `PUT …/payees/:payeeId`. */
export type PayeeBody = z.output<typeof payeeBody>;

/** A payee as the API shows one; identity and name of the account are masked. */
export const payee = record({
  payeeId: id,
  name: text(200),
  roles: list(payeeRole, 4),
  alipay: record({
    identityType: alipayIdentityType,
    identity: text(256),
    name: text(200),
  }).nullable(),
  teamId: id.nullable(),
  tasks: list(text(64), 100),
  level: text(20).nullable(),
  holds: list(holdKind, 10),
  updatedAt: instant,
});
/** A payee as the API shows one. */
export type Payee = z.output<typeof payee>;
