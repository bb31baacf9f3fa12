import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import {
  confirmPayoutsRequestSchema,
  parseWith,
  problem,
  type ConfirmPayoutsAnswer,
  type PayoutToConfirm,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PermitService, ProblemError } from '@qingfen/hosting';
import { parseAmount } from '@qingfen/money';
import { makersOfDebts } from './maker.store.js';
import {
  heldSince,
  indebtedSince,
  payoutKey,
  payoutsById,
  type PayoutRow,
} from './payout.store.js';

/** The ledger's owner confirms instructions to pay before money moves (architecture.md rule 11). */
@Controller('internal/payouts')
export class ConfirmationController {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Post('confirm')
  @HttpCode(200)
  @PermitService('payout')
  async confirm(@Body() body: unknown): Promise<ConfirmPayoutsAnswer> {
    const parsed = parseWith(confirmPayoutsRequestSchema, body);
    if (!parsed.ok) {
      throw new ProblemError(problem('invalid', 422, 'Not valid', 'items', parsed.errors));
    }
    const { items } = parsed.value;
    const keys = items.map(({ shopId, payoutId }) => ({ shopId, payoutId }));
    const [rows, indebted, held] = await Promise.all([
      payoutsById(this.database, keys),
      indebtedSince(this.database, keys),
      heldSince(this.database, keys),
    ]);
    const makers = await makersOfDebts(
      this.database,
      keys.filter(({ shopId, payoutId }) => indebted.has(payoutKey(shopId, payoutId))),
    );
    const known = new Map(rows.map((row) => [payoutKey(row.shop_id, row.payout_id), row]));
    return {
      items: items.map((item) => {
        const key = payoutKey(item.shopId, item.payoutId);
        const reason =
          mismatch(item, known.get(key)) ??
          (indebted.has(key) ? 'debt: the payee owes more than is unstated since' : null) ??
          (held.has(key) ? 'hold: an order of the statement is held since' : null);
        return {
          payoutId: item.payoutId,
          confirmed: reason === null,
          reason,
          makers: makers.get(key) ?? [],
        };
      }),
    };
  }
}

function mismatch(item: PayoutToConfirm, row: PayoutRow | undefined): string | null {
  if (row === undefined) return 'no statement of ours asks for this payout';
  if (row.statement_id !== item.statementId) return 'it belongs to another statement';
  if (row.payee_id !== item.payeeId) return 'it is owed to another payee';
  if (row.kind !== item.kind) return 'it is of another kind';
  if (row.currency !== item.currency) return 'it is in another currency';
  if (row.amount_minor !== parseAmount(item.amount, item.currency)) return 'it has another amount';
  return row.status === null ? null : 'it has ended';
}
