import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { pageQuery, payeeBody, type Page, type Payee as ShownPayee } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  bodyOf,
  CallerIs,
  conflict,
  notFound,
  pageOfRows,
  Permit,
  placeAfter,
  placePart,
  queryOf,
  readers,
} from '@qingfen/hosting';
import { Relay } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { maskIdentity, maskName } from './masking.js';
import { PayeeService } from './payee.service.js';
import { payeeKey, PayeeStore, type Payee } from './payee.store.js';
import { timezoneOf } from './shop.store.js';
import { Wake } from './wake.js';

/** Payees and where they are paid; accounts are shown masked. */
@Controller('internal/shops/:shopId/payees')
export class PayeeController {
  constructor(
    private readonly database: Database,
    private readonly payees: PayeeService,
    private readonly store: PayeeStore,
    private readonly wake: Wake,
    private readonly relay: Relay,
  ) {}

  @Put(':payeeId')
  @Permit('operator', 'admin')
  async put(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<ShownPayee> {
    const body = bodyOf(payeeBody, given);
    const outcome = await this.payees.put({ shopId, payeeId }, body, caller);
    if ('kind' in outcome) {
      const detail = `The payee was told with a later time, ${outcome.toldAt.toISOString()}.`;
      throw conflict('newer-known', detail);
    }
    this.wake.now();
    await this.relay.flushed();
    return shown(outcome, await timezoneOf(this.database, shopId));
  }

  @Get(':payeeId')
  @Permit(...readers)
  async read(
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<ShownPayee> {
    const named = { shopId, payeeId };
    const payee = (await this.store.load(this.database, [named])).get(payeeKey(named));
    if (payee === undefined) throw notFound(`The shop has no payee ${payeeId}.`);
    return shown(payee, await timezoneOf(this.database, shopId));
  }

  @Get()
  @Permit(...readers)
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<ShownPayee>> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const [after = ''] = placeAfter(cursor, [placePart.id]) ?? [];
    const found = await this.store.list(this.database, shopId, after, limit + 1);
    const zone = await timezoneOf(this.database, shopId);
    const page = pageOfRows(found, limit, ({ payeeId }) => [payeeId]);
    return { items: page.rows.map((payee) => shown(payee, zone)), nextCursor: page.nextCursor };
  }
}

function shown(payee: Payee, zone: string): ShownPayee {
  const { payeeId, name, roles, account, teamId, tasks, level, toldAt } = payee;
  const alipay =
    account === null
      ? null
      : {
          identityType: account.identityType,
          identity: maskIdentity(account.identity),
          name: maskName(account.name),
        };
  return {
    payeeId,
    name,
    roles: [...roles],
    alipay,
    teamId,
    tasks: [...tasks],
    level,
    // Holds are settlement-calculator's: it alone knows what is not stated and why.
    holds: [],
    updatedAt: formatInstant(toldAt, zone),
  };
}
