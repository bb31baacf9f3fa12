import { Controller, Get, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  pageQuery,
  payeeBody,
  reasonBody,
  type HoldKind,
  type Page,
  type Payee,
  type PayeeHolds,
} from '@qingfen/contracts';
import { notFound, ServiceClient } from '@qingfen/hosting';
import type { Caller, Role } from '@qingfen/security';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { IdempotentWrites } from './idempotent-writes.js';
import { KnownShops } from './known-shops.js';
import { permissions } from './permissions.js';
import { bodyOf, readBody, readQuery, refuseQuery } from './reading.js';

const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
const publishingMs = 10_000;
/** A payee that was just put may still be on its way to settlement-calculator. */
const holdingMs = 8_000;
/** So many ids fit into the address of one call. */
const askedAtOnce = 100;

/** Names one payee of a shop, and who asks. */
interface Named {
  readonly shopId: string;
  readonly payeeId: string;
  readonly caller: Caller;
}

/** A payee is two services': payout keeps who it is, settlement-calculator what holds its money. */
@Controller('api/v1/shops/:shopId/payees')
export class PayeeController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
    @Inject(KnownShops) private readonly shops: KnownShops,
  ) {}

  @Get()
  async list(
    @Req() request: Request,
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<Page<Payee>> {
    const caller = await this.admitted(request, permissions.read, shopId);
    readQuery(query, pageQuery);
    const search = new URL(request.url, 'http://gateway').search;
    const answer = await this.client.request<Page<Payee>>({
      service: 'payout',
      method: 'GET',
      path: `${pathOf(shopId)}/payees${search}`,
      caller,
    });
    const page = bodyOrRefusal(answer);
    if (page.items.length === 0) await this.shops.insist(shopId, caller);
    const ids = page.items.map(({ payeeId }) => payeeId);
    const holds = await this.holdsOf(shopId, ids, caller);
    const items = page.items.map((payee) => withHolds(payee, holds));
    return { items, nextCursor: page.nextCursor };
  }

  @Get(':payeeId')
  async read(
    @Req() request: Request,
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<Payee> {
    const caller = await this.admitted(request, permissions.read, shopId, payeeId);
    refuseQuery(request);
    return this.shown({ shopId, payeeId, caller });
  }

  @Put(':payeeId')
  async put(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<void> {
    const caller = await this.admitted(request, permissions.keepPayees, shopId, payeeId);
    refuseQuery(request);
    readBody(request, payeeBody);
    await this.writes.answer({ request, response, caller }, async () => {
      const answer = await this.client.request<Payee>({
        service: 'payout',
        method: 'PUT',
        path: payeePath(shopId, payeeId),
        body: bodyOf(request),
        caller,
        timeoutMs: publishingMs,
      });
      const payee = bodyOrRefusal(answer);
      const holds = await this.holdsOf(shopId, [payeeId], caller);
      return { status: answer.status, body: withHolds(payee, holds) };
    });
  }

  @Post(':payeeId/hold')
  hold(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<void> {
    return this.change('hold', { request, response }, { shopId, payeeId });
  }

  @Post(':payeeId/release')
  release(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<void> {
    return this.change('release', { request, response }, { shopId, payeeId });
  }

  @Post(':payeeId/mended')
  mended(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('payeeId') payeeId: string,
  ): Promise<void> {
    return this.change('mended', { request, response }, { shopId, payeeId });
  }

  private async change(
    act: 'hold' | 'release' | 'mended',
    { request, response }: { readonly request: Request; readonly response: Response },
    { shopId, payeeId }: { readonly shopId: string; readonly payeeId: string },
  ): Promise<void> {
    const caller = await this.admitted(request, permissions.act, shopId, payeeId);
    refuseQuery(request);
    const body = readBody(request, reasonBody);
    await this.writes.answer({ request, response, caller }, async () => {
      const payee = await this.payeeOf({ shopId, payeeId, caller });
      const answer = await this.client.request<PayeeHolds>({
        service: 'settlement-calculator',
        method: 'POST',
        path: `${payeePath(shopId, payeeId)}/${act}`,
        body,
        caller,
        timeoutMs: holdingMs,
      });
      const { holds } = bodyOrRefusal(answer);
      return { status: 200, body: { ...payee, holds } };
    });
  }

  private async shown(named: Named): Promise<Payee> {
    const { shopId, payeeId, caller } = named;
    const [payee, holds] = await Promise.all([
      this.payeeOf(named),
      this.holdsOf(shopId, [payeeId], caller),
    ]);
    return withHolds(payee, holds);
  }

  private async payeeOf({ shopId, payeeId, caller }: Named): Promise<Payee> {
    const path = payeePath(shopId, payeeId);
    return bodyOrRefusal(
      await this.client.request<Payee>({ service: 'payout', method: 'GET', path, caller }),
    );
  }

  private async holdsOf(
    shopId: string,
    payeeIds: readonly string[],
    caller: Caller,
  ): Promise<ReadonlyMap<string, HoldKind[]>> {
    const holds = new Map<string, HoldKind[]>();
    for (let at = 0; at < payeeIds.length; at += askedAtOnce) {
      const asked = new URLSearchParams();
      for (const payeeId of payeeIds.slice(at, at + askedAtOnce)) asked.append('payeeId', payeeId);
      const answer = await this.client.request<{ items: PayeeHolds[] }>({
        service: 'settlement-calculator',
        method: 'GET',
        path: `${pathOf(shopId)}/holds?${asked.toString()}`,
        caller,
      });
      for (const { payeeId, holds: own } of bodyOrRefusal(answer).items) holds.set(payeeId, own);
    }
    return holds;
  }

  private async admitted(
    request: Request,
    roles: readonly Role[],
    shopId: string,
    payeeId?: string,
  ): Promise<Caller> {
    const { caller } = await this.authentication.of(request);
    if (!idShape.test(shopId)) throw notFound('This is the address of no shop.');
    if (payeeId !== undefined && !idShape.test(payeeId)) {
      throw notFound('This is the address of no payee.');
    }
    demand(caller, { roles, shopId });
    return caller;
  }
}

function withHolds(payee: Payee, holds: ReadonlyMap<string, HoldKind[]>): Payee {
  return { ...payee, holds: holds.get(payee.payeeId) ?? [] };
}

function pathOf(shopId: string): string {
  return `/internal/shops/${encodeURIComponent(shopId)}`;
}

function payeePath(shopId: string, payeeId: string): string {
  return `${pathOf(shopId)}/payees/${encodeURIComponent(payeeId)}`;
}
