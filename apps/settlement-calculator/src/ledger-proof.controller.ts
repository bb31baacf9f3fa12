import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  ledgerArchiveQuery,
  ledgerConsistencyQuery,
  ledgerProofTypeSchema,
  type LedgerArchivePage,
  type LedgerConsistency,
  type LedgerProof,
} from '@qingfen/contracts';
import { notFound, Permit, queryOf, readers } from '@qingfen/hosting';
import { ArchiveService } from './archive.service.js';
import { ProofService } from './proof.service.js';

/** What others check without us. */
@Controller('internal/shops/:shopId/ledger')
@Permit(...readers)
export class LedgerProofController {
  constructor(
    @Inject(ProofService) private readonly proofs: ProofService,
    @Inject(ArchiveService) private readonly archives: ArchiveService,
  ) {}

  @Get('proofs/:type/:id')
  prove(
    @Param('shopId') shopId: string,
    @Param('type') given: string,
    @Param('id') id: string,
  ): Promise<LedgerProof> {
    const type = ledgerProofTypeSchema.safeParse(given);
    if (!type.success) throw notFound(`Proofs are of ${ledgerProofTypeSchema.options.join(', ')}.`);
    return this.proofs.prove(shopId, type.data, id);
  }

  @Get('consistency')
  consistency(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<LedgerConsistency> {
    const { from, to } = queryOf(ledgerConsistencyQuery, query);
    return this.proofs.consistency(shopId, from, to);
  }

  @Get('archive')
  archive(@Param('shopId') shopId: string, @Query() query: unknown): Promise<LedgerArchivePage> {
    const { fromBlock, toBlock } = queryOf(ledgerArchiveQuery, query);
    return this.archives.page(shopId, fromBlock, toBlock);
  }
}
