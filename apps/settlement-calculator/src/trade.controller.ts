import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { openTradesAnswerSchema, openTradesRequestSchema } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { bodyOf, PermitService } from '@qingfen/hosting';
import type { z } from 'zod';
import { openTrades } from './royalty.store.js';

/** Tells payout whether trades may be finished: what is not split of one is then the shop's. */
@Controller('internal/trades')
export class TradeController {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Post('open')
  @HttpCode(200)
  @PermitService('payout')
  async open(@Body() body: unknown): Promise<z.output<typeof openTradesAnswerSchema>> {
    const { items } = bodyOf(openTradesRequestSchema, body);
    const open = await openTrades(this.database, items);
    return {
      items: items.map(({ shopId, tradeNo }) => {
        return { shopId, tradeNo, isOpen: open.has(`${shopId} ${tradeNo}`) };
      }),
    };
  }
}
