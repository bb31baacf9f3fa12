import { z } from 'zod';
import { instant, strictRecord } from '../fields.js';
import { phrase } from '../phrase.js';
import { signedText } from './audit.js';

const notAPlace = phrase('is not a place that this list has given', '不是此列表给出的位置');
const place = z.string({ error: notAPlace }).regex(/^(0|[1-9][0-9]{0,17})$/, { error: notAPlace });

/** Query of `GET …/acts/:service`: what people did from an instant on, and before another. */
export const actsQuery = strictRecord({ from: instant, to: instant, cursor: place.default('0') });
/** Query of `GET …/acts/:service`. */
export type ActsQuery = z.output<typeof actsQuery>;

/** A page of acts as one text, signed by the service that wrote them down: docs/proofs.md. */
export const signedActs = signedText.extend({
  format: z.literal('qingfen-acts/1'),
  nextCursor: place.nullable(),
});
/** A page of acts as one text, signed by the service that wrote them down. */
export type SignedActs = z.output<typeof signedActs>;
