import { Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import {
  pageQuery,
  shopBody,
  type AlipaySummary,
  type Page,
  type Shop,
  type ShopBody,
} from '@qingfen/contracts';
import { notFound, ServiceClient } from '@qingfen/hosting';
import { mayAct, type Caller } from '@qingfen/security';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { forbidden } from '../refusals.js';
import { bodyOrRefusal, isProblem } from './bodies.js';
import { IdempotentWrites } from './idempotent-writes.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { permissions } from './permissions.js';
import { readBody, readQuery, refuseQuery } from './reading.js';

type BareShop = Omit<Shop, 'alipay'>;

const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
const publishingMs = 10_000;

/** A shop is two services': rules keeps what it is, payout its Alipay application. */
@Controller('api/v1/shops')
export class ShopController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
  ) {}

  /** The shops that the caller has a role on, by id. */
  @Get()
  async list(@Req() request: Request, @Query() query: unknown): Promise<Page<BareShop>> {
    const { caller } = await this.authentication.of(request);
    const { limit, cursor } = readQuery(query, pageQuery);
    if (caller.roles.length === 0) throw forbidden('You have no role on any shop.');
    const items: BareShop[] = [];
    let next = cursor ?? null;
    do {
      const search = new URLSearchParams({ limit: String(limit) });
      if (next !== null) search.set('cursor', next);
      const path = `/internal/shops?${search.toString()}`;
      const page = await this.ask<Page<BareShop>>({ method: 'GET', service: 'rules', path });
      items.push(...page.items.filter(({ shopId }) => isTheirs(caller, shopId)));
      next = page.nextCursor;
    } while (next !== null && items.length < limit);
    if (items.length <= limit) return { items, nextCursor: next };
    const shown = items.slice(0, limit);
    return { items: shown, nextCursor: shown.at(-1)?.shopId ?? null };
  }

  @Get(':shopId')
  async read(@Req() request: Request, @Param('shopId') shopId: string): Promise<Shop> {
    const { caller } = await this.authentication.of(request);
    refuseOddId(shopId);
    demand(caller, { roles: permissions.read, shopId });
    refuseQuery(request);
    const path = `/internal/shops/${encodeURIComponent(shopId)}`;
    const [shop, alipay] = await Promise.all([
      this.ask<BareShop>({ method: 'GET', service: 'rules', path, caller }),
      this.credentialsOf(path, caller),
    ]);
    return joined(shop, alipay);
  }

  @Put(':shopId')
  async put(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
  ): Promise<void> {
    const { caller } = await this.authentication.of(request);
    refuseOddId(shopId);
    demand(caller, { roles: permissions.configure, shopId });
    refuseQuery(request);
    const body = readBody(request, shopBody);
    const path = `/internal/shops/${encodeURIComponent(shopId)}`;
    const write = { request, response, caller };
    await this.writes.answer(write, () => this.change(path, body, caller));
  }

  private async change(path: string, body: ShopBody, caller: Caller): Promise<Outcome> {
    const { alipay, ...settings } = body;
    const to = { method: 'PUT', caller, timeoutMs: publishingMs } as const;
    const shop = await this.ask<BareShop>({ ...to, service: 'rules', path, body: settings });
    if (alipay === undefined) {
      return { status: 200, body: joined(shop, await this.credentialsOf(path, caller)) };
    }
    const answer = await this.client.request<AlipaySummary>({
      ...to,
      service: 'payout',
      path: `${path}/alipay`,
      body: alipay,
    });
    const outcome = outcomeOf(answer);
    if (outcome.status >= 400) return { ...outcome, body: pointedAtAlipay(outcome.body) };
    return { status: 200, body: joined(shop, answer.body) };
  }

  private async credentialsOf(path: string, caller: Caller): Promise<AlipaySummary | null> {
    const answer = await this.client.request<AlipaySummary>({
      service: 'payout',
      method: 'GET',
      path: `${path}/alipay`,
      caller,
    });
    if (answer.status === 404) return null;
    return bodyOrRefusal(answer);
  }

  private async ask<T>(call: Parameters<ServiceClient['request']>[0]): Promise<T> {
    return bodyOrRefusal(await this.client.request<T>(call));
  }
}

function joined(shop: BareShop, alipay: AlipaySummary | null): Shop {
  const { updatedAt, ...settings } = shop;
  return { ...settings, alipay, updatedAt };
}

/** Payout speaks of the part that it was given; the caller sent it below `/alipay`. */
function pointedAtAlipay(body: unknown): unknown {
  if (!isProblem(body)) return body;
  const errors = (body.errors ?? []).map((error) => ({
    ...error,
    pointer: `/alipay${error.pointer}`,
  }));
  return { ...body, errors };
}

function isTheirs(caller: Caller, shopId: string): boolean {
  return mayAct(caller, { roles: [...permissions.read], shopId });
}

function refuseOddId(shopId: string): void {
  if (!idShape.test(shopId)) throw notFound('This is the address of no shop.');
}
