import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import {
  approvePayoutBody,
  payoutQuery,
  type Page,
  type Payout as ShownPayout,
} from '@qingfen/contracts';
import type { Act, Payout } from '@qingfen/core-payout';
import { Database } from '@qingfen/database';
import {
  ActIs,
  bodyOf,
  CallerIs,
  instantPlace,
  instantPlaceAfter,
  pageOfRows,
  Permit,
  PostAct,
  queryOf,
  readers,
  type ManualAct,
} from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { approvalHashOf } from './approval-hash.js';
import { BatchDesk } from './batch.desk.js';
import { payeeKey, PayeeStore } from './payee.store.js';
import { PayoutService } from './payout.service.js';
import {
  keyText,
  listPayouts,
  loadTransitions,
  type HeldPayout,
  type TransitionRow,
} from './payout.store.js';
import { timezoneOf } from './shop.store.js';

/** Payouts as admins see them, and what they may do to them. */
@Controller('internal/shops/:shopId/payouts')
export class PayoutController {
  constructor(
    private readonly database: Database,
    private readonly payouts: PayoutService,
    private readonly payees: PayeeStore,
    private readonly batches: BatchDesk,
  ) {}

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<ShownPayout>> {
    const { state = null, payeeId = null, limit, cursor } = queryOf(payoutQuery, query);
    const after = instantPlaceAfter(cursor);
    const wanted = { shopId, state, payeeId, after, limit: limit + 1 };
    const page = pageOfRows(await listPayouts(this.database, wanted), limit, ({ payout }) => {
      return instantPlace({ at: payout.requestedAt, id: payout.payoutId });
    });
    return { items: await this.shown(shopId, page.rows), nextCursor: page.nextCursor };
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

  @PostAct(':payoutId/approve')
  @Permit('approver', 'admin')
  async approve(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayout> {
    const { reason, hash: believedHash = null } = bodyOf(approvePayoutBody, given);
    const key = { shopId, payoutId };
    await this.payouts.act({ key, act: 'approve', caller, reason, believedHash });
    return this.read(shopId, payoutId);
  }

  @PostAct(':payoutId/reject')
  @Permit('approver', 'admin')
  reject(@Param('payoutId') payoutId: string, @ActIs() order: ManualAct): Promise<ShownPayout> {
    return this.act('reject', payoutId, order);
  }

  @PostAct(':payoutId/retry')
  @Permit('operator', 'admin')
  retry(@Param('payoutId') payoutId: string, @ActIs() order: ManualAct): Promise<ShownPayout> {
    return this.act('retry', payoutId, order);
  }

  @PostAct(':payoutId/cancel')
  @Permit('operator', 'admin')
  cancel(@Param('payoutId') payoutId: string, @ActIs() order: ManualAct): Promise<ShownPayout> {
    return this.act('cancel', payoutId, order);
  }

  @PostAct(':payoutId/close-batch')
  @Permit('operator', 'admin')
  async closeBatch(
    @Param('payoutId') payoutId: string,
    @ActIs() { shopId, caller, reason }: ManualAct,
  ): Promise<ShownPayout> {
    await this.batches.close({ key: { shopId, payoutId }, caller, reason });
    return this.read(shopId, payoutId);
  }

  private async act(
    act: Act,
    payoutId: string,
    { shopId, caller, reason }: ManualAct,
  ): Promise<ShownPayout> {
    await this.payouts.act({ key: { shopId, payoutId }, act, caller, reason });
    return this.read(shopId, payoutId);
  }

  private async shown(shopId: string, held: readonly HeldPayout[]): Promise<ShownPayout[]> {
    const keys = held.map(({ payout }) => payout);
    const reviewed = keys.filter(({ state }) => state === 'review');
    const [zone, transitions, changers, payees, batches] = await Promise.all([
      timezoneOf(this.database, shopId),
      loadTransitions(this.database, keys),
      this.payees.changersOf(this.database, keys),
      this.payees.load(this.database, reviewed),
      this.batches.shown(shopId, keys),
    ]);
    const moves = new Map<string, TransitionRow[]>();
    for (const row of transitions) {
      const known = moves.get(keyText(row));
      if (known === undefined) moves.set(keyText(row), [row]);
      else known.push(row);
    }
    return held.map((one) => {
      const shown = payoutShown(one, moves.get(keyText(one.payout)) ?? [], zone);
      const { payout } = one;
      const account = payees.get(payeeKey(payout))?.account ?? null;
      return {
        ...shown,
        batch: batches.get(payout.payoutId) ?? null,
        makers: makersOf(payout, changers.get(payeeKey(payout))),
        approvalHash: payout.state === 'review' ? approvalHashOf(payout, account) : null,
      };
    });
  }
}

function payoutShown(
  { payout }: HeldPayout,
  transitions: readonly TransitionRow[],
  zone: string,
): Omit<ShownPayout, 'makers' | 'approvalHash' | 'batch'> {
  const { currency, requestedAt, amountMinor } = payout;
  return {
    payoutId: payout.payoutId,
    statementId: payout.statementId,
    part: payout.part,
    parts: payout.parts,
    payeeId: payout.payeeId,
    kind: payout.kind,
    amount: formatAmount(amountMinor, currency),
    ...taxOf(payout),
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

/** Nothing where none was withheld. */
function taxOf({
  amountMinor,
  withheldMinor,
  currency,
}: Payout): Pick<ShownPayout, 'gross' | 'withheld'> {
  if (withheldMinor === 0n) return {};
  return {
    gross: formatAmount(minor(amountMinor + withheldMinor), currency),
    withheld: formatAmount(withheldMinor, currency),
  };
}

/** Whoever changed its account by hand, the last to do so, is one while a decision is wanted. */
function makersOf({ makers, state }: Payout, changer: string | undefined): string[] {
  const more = state === 'review' && changer !== undefined ? [changer] : [];
  return [...new Set([...makers, ...more])].sort();
}
