import { Controller, Get, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Database } from '@qingfen/database';
import {
  instantPlace,
  instantPlaceAfter,
  pageOfRows,
  Permit,
  queryOf,
  readers,
} from '@qingfen/hosting';
import { deliveryQuery } from './delivery.query.js';
import { listDeliveries, type DeliveryRow } from './delivery.store.js';
import { timezoneOf } from './name.store.js';

/** A delivery as the API shows one. */
interface ShownDelivery {
  readonly deliveryId: string;
  readonly shopId: string;
  /** Null: the shop's operator. */
  readonly payeeId: string | null;
  readonly channel: 'mail';
  readonly template: string;
  readonly templateVersion: number;
  readonly subject: { readonly type: string; readonly id: string };
  readonly state: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

@Controller('internal/shops/:shopId/deliveries')
export class DeliveryController {
  constructor(private readonly database: Database) {}

  @Get()
  @Permit(...readers)
  async list(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<{ items: ShownDelivery[]; nextCursor: string | null }> {
    const { state, payeeId, limit, cursor } = queryOf(deliveryQuery, query);
    const found = await listDeliveries(this.database, {
      shopId,
      state: state ?? null,
      payeeId: payeeId ?? null,
      after: instantPlaceAfter(cursor),
      limit: limit + 1,
    });
    const page = pageOfRows(found, limit, (row) =>
      instantPlace({ at: row.createdAt, id: row.deliveryId }),
    );
    const timezone = (await timezoneOf(this.database, shopId)) ?? 'Asia/Shanghai';
    return { items: page.rows.map((row) => shown(row, timezone)), nextCursor: page.nextCursor };
  }
}

function shown(row: DeliveryRow, timezone: string): ShownDelivery {
  const { subjectType, subjectId, createdAt, endedAt, ...rest } = row;
  return {
    ...rest,
    subject: { type: subjectType, id: subjectId },
    createdAt: formatInstant(createdAt, timezone),
    endedAt: endedAt === null ? null : formatInstant(endedAt, timezone),
  };
}
