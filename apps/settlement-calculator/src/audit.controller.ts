import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { auditPlanQuery, type AuditPlan, type SignedPage } from '@qingfen/contracts';
import { Permit, queryOf } from '@qingfen/hosting';
import { AuditService } from './audit.service.js';

/** The ledger's part in an audit package (R-OPS-3). */
@Controller('internal/shops/:shopId/audit')
@Permit('admin', 'auditor')
export class AuditController {
  constructor(@Inject(AuditService) private readonly audit: AuditService) {}

  @Get('plan')
  plan(@Param('shopId') shopId: string, @Query() query: unknown): Promise<AuditPlan> {
    return this.audit.plan(shopId, queryOf(auditPlanQuery, query).month);
  }

  @Get('totals')
  totals(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    return this.audit.totals('totals', shopId, query);
  }

  @Get('kind-totals')
  kindTotals(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    return this.audit.totals('kind-totals', shopId, query);
  }
}
