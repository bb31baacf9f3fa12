import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { wantedView } from '@qingfen/approvals';
import { formatInstant, parseInstant } from '@qingfen/calendar';
import {
  pageQuery,
  planBody,
  problem,
  withdrawBody,
  type ApprovalWanted,
  type PlanVersion,
} from '@qingfen/contracts';
import {
  bodyOf,
  CallerIs,
  invalid,
  notFound,
  pageOfRows,
  Permit,
  placeAfter,
  ProblemError,
  queryOf,
  readers,
} from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import type { Response } from 'express';
import { approvalOwner } from './plan-approval.js';
import { PlanService } from './plan.service.js';
import type { PlanVersionRow } from './plan.store.js';
import { unacknowledged } from './request.js';
import { ShopService } from './shop.service.js';
import type { Shop } from './shop.store.js';

/** Versions are PostgreSQL integers; longer numbers are versions of nobody. */
const isVersion = (text: string): boolean => /^[1-9][0-9]{0,8}$/.test(text);

@Controller('internal/shops/:shopId/plans')
export class PlanController {
  constructor(
    private readonly plans: PlanService,
    private readonly shops: ShopService,
  ) {}

  @Post()
  @Permit('admin')
  async publish(
    @Param('shopId') shopId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
    @Res({ passthrough: true }) response: Pick<Response, 'status'>,
  ): Promise<PlanVersion | ApprovalWanted> {
    const { plan, effectiveFrom } = bodyOf(planBody, given);
    const shop = await this.shopOf(shopId);
    const outcome = await this.plans.publish({
      shopId,
      plan,
      effectiveFrom: effectiveFrom === undefined ? null : parseInstant(effectiveFrom),
      caller,
    });
    switch (outcome.kind) {
      case 'published':
        return shown(outcome.version, shop);
      case 'wanted':
        response.status(202);
        return wantedView(outcome.approval, { owner: approvalOwner, timezone: shop.timezone });
      case 'unacknowledged':
        throw unacknowledged();
      case 'refused':
        throw invalid(outcome.errors);
      case 'no-shop':
        throw noShop(shopId);
      default: {
        const never: never = outcome;
        return never;
      }
    }
  }

  @Get()
  @Permit(...readers)
  async list(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<{ items: PlanVersion[]; nextCursor: string | null }> {
    const { limit, cursor } = queryOf(pageQuery, query);
    const [after = '0'] = placeAfter(cursor, [isVersion]) ?? [];
    const shop = await this.shopOf(shopId);
    const found = await this.plans.list({ shopId, after: Number(after), limit: limit + 1 });
    const page = pageOfRows(found, limit, ({ version }) => [String(version)]);
    return { items: page.rows.map((row) => shown(row, shop)), nextCursor: page.nextCursor };
  }

  @Get(':version')
  @Permit(...readers)
  async read(
    @Param('shopId') shopId: string,
    @Param('version') versionText: string,
  ): Promise<PlanVersion> {
    const shop = await this.shopOf(shopId);
    const version = versionOf(versionText);
    const row = await this.plans.find(shopId, version);
    if (row === null) throw noVersion(versionText);
    return shown(row, shop);
  }

  @Post(':version/withdraw')
  @HttpCode(200)
  @Permit('admin')
  async withdraw(
    @Param('shopId') shopId: string,
    @Param('version') versionText: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<PlanVersion> {
    const { reason } = bodyOf(withdrawBody, given ?? {});
    const shop = await this.shopOf(shopId);
    const version = versionOf(versionText);
    const outcome = await this.plans.withdraw({ shopId, version, reason: reason ?? null, caller });
    switch (outcome.kind) {
      case 'withdrawn':
        return shown(outcome.version, shop);
      case 'unacknowledged':
        throw unacknowledged();
      case 'in-force':
        throw inForce(version);
      case 'unknown':
        throw noVersion(versionText);
      default: {
        const never: never = outcome;
        return never;
      }
    }
  }

  private async shopOf(shopId: string): Promise<Shop> {
    const shop = await this.shops.find(shopId);
    if (shop === null) throw noShop(shopId);
    return shop;
  }
}

function versionOf(text: string): number {
  if (!isVersion(text)) throw noVersion(text);
  return Number(text);
}

function shown(row: PlanVersionRow, shop: Shop): PlanVersion {
  const instant = (at: Date): string => formatInstant(at, shop.timezone);
  return {
    shopId: row.shopId,
    version: row.version,
    plan: row.plan,
    hash: row.hash,
    publishedAt: instant(row.publishedAt),
    effectiveFrom: instant(row.effectiveFrom),
    ...(row.withdrawnAt === null ? {} : { withdrawnAt: instant(row.withdrawnAt) }),
  };
}

function noShop(shopId: string): ProblemError {
  return notFound(`There is no shop "${shopId}".`);
}

function noVersion(version: string): ProblemError {
  return notFound(`The shop has no plan version "${version}".`);
}

function inForce(version: number): ProblemError {
  const detail = `Version ${version} is in force already: orders are bound to it. Publish another.`;
  return new ProblemError(problem('plan-in-force', 409, 'In force already', detail));
}
