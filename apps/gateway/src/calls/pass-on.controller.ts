import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import { notFound, ServiceClient } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { notValid } from '../refusals.js';
import { IdempotentWrites, sendOutcome } from './idempotent-writes.js';
import { isNothing, KnownShops } from './known-shops.js';
import { bodyOf, readBody, readQuery, refuseOtherMedia, refuseQuery } from './reading.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { internalPath, RouteTable, type Match } from './route.js';
import { routes } from './routes.js';

const base = '/api/v1';

/** Passes calls on to the service that owns the thing, after asking who calls and what it says. */
@Controller('api/v1')
export class PassOnController {
  private readonly table = new RouteTable(routes);

  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
    @Inject(KnownShops) private readonly shops: KnownShops,
  ) {}

  @All('{*path}')
  async pass(@Req() request: Request, @Res() response: Response): Promise<void> {
    const path = request.path.slice(base.length);
    const match = this.table.find(request.method, path);
    // Whoever is not logged in does not learn which addresses exist.
    const { caller } = await this.authentication.of(request);
    if (match === null) throw notFound(`There is no ${request.method} ${request.path}.`);
    demand(caller, { roles: match.route.roles, shopId: match.params['shopId'] ?? null });
    if (match.route.call.method === 'get') {
      const outcome = await this.forward(match, request, caller);
      const { shopId } = match.params;
      if (shopId !== undefined && isNothing(outcome.body)) await this.shops.insist(shopId, caller);
      sendOutcome(response, outcome);
      return;
    }
    const write = { request, response, caller };
    await this.writes.answer(write, () => this.forward(match, request, caller));
  }

  private async forward(match: Match, request: Request, caller: Caller): Promise<Outcome> {
    const { call, service, timeoutMs, isOfKnownShops = false } = match.route;
    const { shopId } = match.params;
    refuseUnknownQuery(match, request);
    const body = call.method === 'get' ? {} : { body: checkedBody(match, request) };
    if (isOfKnownShops && shopId !== undefined) await this.shops.insist(shopId, caller);
    const answer = await this.client.request<unknown>({
      service,
      method: call.method === 'get' ? 'GET' : call.method === 'put' ? 'PUT' : 'POST',
      path: internalPath(match, new URL(request.url, 'http://gateway').search),
      caller,
      ...body,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    return outcomeOf(answer);
  }
}

/** The body as it came: its owner reads it again, by the same schema. */
function checkedBody({ route }: Match, request: Request): unknown {
  if (route.call.body !== undefined) {
    readBody(request, route.call.body);
    return bodyOf(request);
  }
  refuseOtherMedia(request);
  const body = bodyOf(request);
  const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
  if (isEmpty) return {};
  throw notValid([
    { pointer: '', message: 'has fields, but wants none', messageZh: '此调用不接受任何字段' },
  ]);
}

function refuseUnknownQuery({ route }: Match, request: Request): void {
  if (route.call.query === undefined) refuseQuery(request);
  else readQuery(request.query, route.call.query);
}
