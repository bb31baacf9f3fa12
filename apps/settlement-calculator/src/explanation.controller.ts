import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  explanationQuery,
  type EntryExplained,
  type OrderExplained,
  type PayoutExplained,
  type ReplayPage,
  type StatementExplained,
} from '@qingfen/contracts';
import { CallerIs, Permit, queryOf, readers } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { ExplanationService } from './explanation.service.js';
import { PayoutExplanationService } from './payout-explanation.service.js';
import { ReplayService } from './replay.service.js';
import { StatementExplanationService } from './statement-explanation.service.js';

/** What is booked, recomputed from its facts and compared; whoever may read may ask. */
@Controller('internal/shops/:shopId/explanations')
@Permit(...readers)
export class ExplanationController {
  constructor(
    @Inject(ExplanationService) private readonly explanations: ExplanationService,
    @Inject(StatementExplanationService) private readonly statements: StatementExplanationService,
    @Inject(PayoutExplanationService) private readonly payouts: PayoutExplanationService,
    @Inject(ReplayService) private readonly replays: ReplayService,
  ) {}

  @Get('orders/:orderId')
  order(
    @Param('shopId') shopId: string,
    @Param('orderId') orderId: string,
  ): Promise<OrderExplained> {
    return this.explanations.order(shopId, orderId);
  }

  @Get('entries/:entryId')
  entry(
    @Param('shopId') shopId: string,
    @Param('entryId') entryId: string,
    @Query() query: unknown,
  ): Promise<EntryExplained> {
    return this.explanations.entry(shopId, entryId, queryOf(explanationQuery, query));
  }

  @Get('statements/:statementId')
  statement(
    @Param('shopId') shopId: string,
    @Param('statementId') statementId: string,
    @Query() query: unknown,
  ): Promise<StatementExplained> {
    return this.statements.statement(shopId, statementId, queryOf(explanationQuery, query));
  }

  @Get('payouts/:payoutId')
  payout(
    @Param('shopId') shopId: string,
    @Param('payoutId') payoutId: string,
    @Query() query: unknown,
    @CallerIs() caller: Caller,
  ): Promise<PayoutExplained> {
    const page = queryOf(explanationQuery, query);
    return this.payouts.payout(caller, { shopId, payoutId, page });
  }

  @Get('replay')
  replay(@Param('shopId') shopId: string, @Query() query: unknown): Promise<ReplayPage> {
    return this.replays.page(shopId, queryOf(explanationQuery, query));
  }
}
