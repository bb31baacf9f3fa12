import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { actsQuery, type SignedActs } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { TextSigner } from '@qingfen/security';
import { Permit } from './access.guard.js';
import { ServiceEnv } from './config.js';
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
  private readonly signer: TextSigner;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
  ) {
    const own = env.secrets.services[env.service];
    this.signer = new TextSigner(own.signingKey);
  }

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<SignedActs> {
    const { from, to, cursor } = queryOf(actsQuery, query);
    const [begin, end] = [new Date(from), new Date(to)];
    const rows = await this.database.query<ActRow>(
      `SELECT audit_id, at, actor, issuer, request_id, action, subject_type, subject_id, before,
              after, reason
         FROM audit WHERE shop_id = $1 AND at >= $2 AND at < $3 AND audit_id > $4
        ORDER BY audit_id LIMIT $5`,
      [shopId, begin, end, cursor, actsPerPage + 1],
    );
    const acts = rows.slice(0, actsPerPage);
    const isLast = rows.length <= actsPerPage;
    const head = ['acts', this.env.service, shopId, begin.getTime(), end.getTime(), cursor, isLast];
    const text = JSON.stringify([...head, acts.map(actOf)]);
    return {
      format: 'qingfen-acts/1',
      text,
      signature: this.signer.sign(text).toString('base64'),
      keyId: this.signer.keyId,
      publicKey: this.signer.publicKeyPem,
      nextCursor: isLast ? null : (acts.at(-1)?.audit_id.toString() ?? null),
    };
  }
}

function actOf(row: ActRow): readonly unknown[] {
  const who = [row.actor, row.issuer, row.request_id];
  const what = [row.action, row.subject_type, row.subject_id];
  const change = [row.before, row.after, row.reason];
  return [row.audit_id.toString(), row.at.getTime(), ...who, ...what, ...change];
}
