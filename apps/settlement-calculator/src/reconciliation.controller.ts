import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import {
  billBookingsBodySchema,
  bookedOrdersRequestSchema,
  cashQuerySchema,
  type BookedOrders,
  type CashBalance,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { bodyOf, PermitService, queryOf } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { billCurrency, BillBookingService } from './bill-booking.service.js';
import { cashBefore, orderSums } from './bill-booking.store.js';

/** What reconciliation asks the books, and tells them. */
@Controller('internal/shops/:shopId')
@PermitService('reconciliation')
export class ReconciliationController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(BillBookingService) private readonly bookings: BillBookingService,
  ) {}

  @Post('booked-orders')
  @HttpCode(200)
  async bookedOrders(
    @Param('shopId') shopId: string,
    @Body() body: unknown,
  ): Promise<BookedOrders> {
    const { orderIds } = bodyOf(bookedOrdersRequestSchema, body);
    const sums = await orderSums(this.database, shopId, orderIds);
    return {
      items: sums.map((sum) => ({
        orderId: sum.order_id,
        state: sum.is_bound ? 'settling' : 'no-plan',
        currency: sum.currency,
        entries: formatAmount(minor(sum.entries_minor), sum.currency),
        entryCount: Number(sum.entry_count),
        keepsRest: sum.keeps_rest,
      })),
    };
  }

  @Put('bill-bookings')
  async book(@Param('shopId') shopId: string, @Body() body: unknown): Promise<{ booked: number }> {
    const { bookings } = bodyOf(billBookingsBodySchema, body);
    await this.units.run((unit) => this.bookings.note(unit, shopId, bookings));
    return { booked: bookings.length };
  }

  @Get('alipay-cash')
  async cash(@Param('shopId') shopId: string, @Query() query: unknown): Promise<CashBalance> {
    const before = parseInstant(queryOf(cashQuerySchema, query).before);
    const cash = await cashBefore(this.database, shopId, { currency: billCurrency, before });
    return { cash: formatAmount(minor(cash), billCurrency) };
  }
}
