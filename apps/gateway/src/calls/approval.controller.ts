import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  approvalOwnerOf,
  pageQuery,
  reasonBody,
  type Approval,
  type ApprovalOwner,
  type Page,
} from '@qingfen/contracts';
import { notFound, ServiceClient } from '@qingfen/hosting';
import type { Caller, Role } from '@qingfen/security';
import type { Request, Response } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { approvalPlaces, mergedApprovals } from './approval-list.js';
import { bodyOrRefusal } from './bodies.js';
import { IdempotentWrites } from './idempotent-writes.js';
import { outcomeOf } from './outcome.js';
import { permissions } from './permissions.js';
import { bodyOf, readBody, readQuery, refuseQuery } from './reading.js';

/** What is approved may have to be published, or bound to orders, before the answer. */
const doingMs = 10_000;

/** Which approval of a shop, and the request that decides it. */
interface Deciding {
  readonly shopId: string;
  readonly approvalId: string;
  readonly request: Request;
  readonly response: Response;
}

/** What waits for a second person is several services': here it is one list. */
@Controller('api/v1/shops/:shopId/approvals')
export class ApprovalController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(IdempotentWrites) private readonly writes: IdempotentWrites,
  ) {}

  /** Missing parts are not left out: nobody should believe that nothing waits. */
  @Get()
  async list(
    @Req() request: Request,
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<Page<Approval>> {
    const caller = await this.admitted(request, permissions.read, shopId);
    const { limit, cursor } = readQuery(query, pageQuery);
    const places = approvalPlaces(cursor);
    const pageOf = (owner: ApprovalOwner): Promise<Page<Approval>> => {
      const search = new URLSearchParams({ limit: String(limit) });
      if (places[owner] !== '') search.set('cursor', places[owner]);
      return this.read(owner, `${pathOf(shopId)}?${search.toString()}`, caller);
    };
    const [manual, plans, reconciliation] = await Promise.all([
      pageOf('settlement-calculator'),
      pageOf('rules'),
      pageOf('reconciliation'),
    ]);
    const pages = { 'settlement-calculator': manual, rules: plans, reconciliation };
    return mergedApprovals(pages, { places, limit });
  }

  @Post(':approvalId/approve')
  approve(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('approvalId') approvalId: string,
  ): Promise<void> {
    return this.decide('approve', { request, response, shopId, approvalId });
  }

  @Post(':approvalId/reject')
  reject(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
    @Param('approvalId') approvalId: string,
  ): Promise<void> {
    return this.decide('reject', { request, response, shopId, approvalId });
  }

  private async decide(
    decision: 'approve' | 'reject',
    { request, response, shopId, approvalId }: Deciding,
  ): Promise<void> {
    const caller = await this.admitted(request, permissions.decide, shopId);
    const service = approvalOwnerOf(approvalId);
    if (service === null) throw notFound('This is the address of no approval.');
    refuseQuery(request);
    readBody(request, reasonBody);
    const path = `${pathOf(shopId)}/${encodeURIComponent(approvalId)}/${decision}`;
    await this.writes.answer({ request, response, caller }, async () => {
      const body = bodyOf(request);
      const call = { method: 'POST', service, path, body, caller, timeoutMs: doingMs } as const;
      return outcomeOf(await this.client.request<unknown>(call));
    });
  }

  private async read(
    service: ApprovalOwner,
    path: string,
    caller: Caller,
  ): Promise<Page<Approval>> {
    const call = { method: 'GET', service, path, caller } as const;
    return bodyOrRefusal(await this.client.request<Page<Approval>>(call));
  }

  private async admitted(
    request: Request,
    roles: readonly Role[],
    shopId: string,
  ): Promise<Caller> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles, shopId });
    return caller;
  }
}

function pathOf(shopId: string): string {
  return `/internal/shops/${encodeURIComponent(shopId)}/approvals`;
}
