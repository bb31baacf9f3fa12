import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { formatInstant, parseInstant } from '@qingfen/calendar';
import { payoutQuery, reasonBody, type Page, type Payout as ShownPayout } from '@qingfen/contracts';
import type { Act } from '@qingfen/core-payout';
import { Database } from '@qingfen/database';
import { CallerIs, Permit } from '@qingfen/hosting';
import { formatAmount } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { PayoutService } from './payout.service.js';
import {
  keyText,
  listPayouts,
  loadTransitions,
  type HeldPayout,
  type TransitionRow,
} from './payout.store.js';
import { bodyOf, cursorOf, placeOf, queryOf, readers } from './request.js';
import { timezoneOf } from './shop.store.js';

/** Payouts as admins see them, and what they may do to them. */
@Controller('internal/shops/:shopId/payouts')
export class PayoutController {
  constructor(
    private readonly database: Database,
    private readonly payouts: PayoutService,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<ShownPayout>> {
    const { state = null, payeeId = null, limit, cursor } = queryOf(payoutQuery, query);
    const [requestedAt = '', payoutId = ''] = cursor === undefined ? [] : placeOf(cursor, 2);
    const after =
      cursor === undefined ? null : { requestedAt: parseInstant(requestedAt), payoutId };
    const page = { shopId, state, payeeId, after, limit: limit + 1 };
    const found = await listPayouts(this.database, page);
    const items = found.slice(0, limit);
    const last = items.at(-1)?.payout;
    const nextCursor =
      found.length > limit && last !== undefined
        ? cursorOf([last.requestedAt.toISOString(), last.payoutId])
        : null;
    return { items: await this.shown(shopId, items), nextCursor };
  }

  @Get(':payoutId')
  @Permit(...readers)
  async read(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
  ): Promise<ShownPayout> {
    const held = await this.payouts.find({ shopId, payoutId });
    const [shown] = await this.shown(shopId, [held]);
    if (shown === undefined) throw new Error('a payout that was found is not shown');
    return shown;
  }

  @Post(':payoutId/approve')
  @HttpCode(200)
  @Permit('approver', 'admin')
  approve(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayout> {
    return this.act('approve', { shopId, payoutId, given, caller });
  }

  @Post(':payoutId/reject')
  @HttpCode(200)
  @Permit('approver', 'admin')
  reject(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayout> {
    return this.act('reject', { shopId, payoutId, given, caller });
  }

  @Post(':payoutId/retry')
  @HttpCode(200)
  @Permit('operator', 'admin')
  retry(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayout> {
    return this.act('retry', { shopId, payoutId, given, caller });
  }

  @Post(':payoutId/cancel')
  @HttpCode(200)
  @Permit('operator', 'admin')
  cancel(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayout> {
    return this.act('cancel', { shopId, payoutId, given, caller });
  }

  private async act(
    act: Act,
    call: { shopId: string; payoutId: string; given: unknown; caller: Caller },
  ): Promise<ShownPayout> {
    const { shopId, payoutId, given, caller } = call;
    const { reason } = bodyOf(reasonBody, given);
    await this.payouts.act({ key: { shopId, payoutId }, act, caller, reason });
    return this.read(shopId, payoutId);
  }

  private async shown(shopId: string, held: readonly HeldPayout[]): Promise<ShownPayout[]> {
    const keys = held.map(({ payout }) => payout);
    const [zone, transitions] = await Promise.all([
      timezoneOf(this.database, shopId),
      loadTransitions(this.database, keys),
    ]);
    const moves = new Map<string, TransitionRow[]>();
    for (const row of transitions) {
      const known = moves.get(keyText(row));
      if (known === undefined) moves.set(keyText(row), [row]);
      else known.push(row);
    }
    return held.map((one) => payoutShown(one, moves.get(keyText(one.payout)) ?? [], zone));
  }
}

function payoutShown(
  { payout }: HeldPayout,
  transitions: readonly TransitionRow[],
  zone: string,
): ShownPayout {
  const { currency, requestedAt, amountMinor } = payout;
  return {
    payoutId: payout.payoutId,
    statementId: payout.statementId,
    part: payout.part,
    parts: payout.parts,
    payeeId: payout.payeeId,
    kind: payout.kind,
    amount: formatAmount(amountMinor, currency),
    currency,
    payVia: payout.payVia,
    state: payout.state,
    reason: payout.reason,
    outBizNo: payout.outBizNo,
    alipayOrderId: payout.alipayOrderId,
    failure: payout.failure,
    transitions: transitions.map(({ from, to, at, why, by }) => ({
      from,
      to,
      at: formatInstant(at, zone),
      why,
      by,
    })),
    requestedAt: formatInstant(requestedAt, zone),
  };
}
