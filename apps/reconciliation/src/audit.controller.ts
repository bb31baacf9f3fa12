import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { SignedPage } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { PageSigner, Permit } from '@qingfen/hosting';
import { auditedClosings, auditedDifferences, auditedSteps } from './audit.store.js';

/** Differences of a span with their whole life, signed, for an audit package (R-OPS-3). */
@Controller('internal/shops/:shopId/audit')
@Permit('admin', 'auditor')
export class AuditController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PageSigner) private readonly pages: PageSigner,
  ) {}

  @Get('differences')
  differences(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    const asked = { list: 'differences', shopId, query } as const;
    return this.pages.answer(asked, (span) => auditedDifferences(this.database, span));
  }

  @Get('difference-steps')
  steps(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    const asked = { list: 'difference-steps', shopId, query } as const;
    return this.pages.answer(asked, (span) => auditedSteps(this.database, span));
  }

  @Get('difference-closings')
  closings(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedPage> {
    const asked = { list: 'difference-closings', shopId, query } as const;
    return this.pages.answer(asked, (span) => auditedClosings(this.database, span));
  }
}
