import { alertQuery, balanceQuery } from '@qingfen/contracts';
import { z } from 'zod';

const { limit, cursor } = alertQuery.shape;
const { payeeId } = balanceQuery.shape;

/** Query of `GET …/deliveries`. */
export const deliveryQuery = z.strictObject({
  state: z.enum(['waiting', 'sending', 'sent', 'failed']).optional(),
  payeeId,
  limit,
  cursor,
});
