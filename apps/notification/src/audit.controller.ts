import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { SignedPage } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PageSigner, Permit } from '@qingfen/hosting';
import { auditedSteps } from './alert-step.store.js';

/** What happened to a shop's alerts, signed, for an audit package (R-OPS-3). */
@Controller('internal/shops/:shopId/audit')
@Permit('admin', 'auditor')
export class AuditController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PageSigner) private readonly pages: PageSigner,
  ) {}

  @Get('alerts')
  alerts(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    const asked = { list: 'alerts', shopId, query } as const;
    return this.pages.answer(asked, (span) => auditedSteps(this.database, span));
  }
}
