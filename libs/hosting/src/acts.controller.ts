import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { actsQuery, type SignedActs } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { Permit } from './access.guard.js';
import { PageSigner, type ListRecord } from './page-signer.js';
import { queryOf } from './request.js';

const actsPerPage = 500;

interface ActRow {
  readonly audit_id: bigint;
  readonly at: Date;
  readonly actor: string;
  readonly issuer: string;
  readonly request_id: string;
  readonly action: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
}

/** What people did in this service for a shop, signed by it, for an audit package (R-OPS-3). */
@Controller('internal/shops/:shopId/acts')
@Permit('admin', 'auditor')
export class ActsController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PageSigner) private readonly pages: PageSigner,
  ) {}

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedActs> {
    const { from: begin, to: end, cursor } = queryOf(actsQuery, query);
    const [from, to] = [new Date(begin), new Date(end)];
    const rows = await this.database.query<ActRow>(
      `SELECT audit_id, at, actor, issuer, request_id, action, subject_type, subject_id, before,
              after, reason
         FROM audit WHERE shop_id = $1 AND at >= $2 AND at < $3 AND audit_id > $4
        ORDER BY audit_id LIMIT $5`,
      [shopId, from, to, cursor, actsPerPage + 1],
    );
    const records = rows.map(actOf);
    const page = { list: 'acts', shopId, from, to, after: cursor, limit: actsPerPage, records };
    return { format: 'qingfen-acts/1', ...this.pages.sign(page) };
  }
}

function actOf(row: ActRow): ListRecord {
  const who = [row.actor, row.issuer, row.request_id];
  const what = [row.action, row.subject_type, row.subject_id];
  const change = [row.before, row.after, row.reason];
  return [row.audit_id.toString(), row.at.getTime(), ...who, ...what, ...change];
}
