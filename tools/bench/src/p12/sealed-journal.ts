import type { LedgerVerification } from '@qingfen/contracts';
import { ServiceClient, type ServiceAnswer } from '@qingfen/hosting';
import { TokenIssuer, type Secrets } from '@qingfen/security';
import { until } from '@qingfen/testing';
import type { Client } from 'pg';
import { shopId } from '../orders.js';
import type { Running } from '../p3/product-run.js';

const sealedWithinMs = 60_000;
const verifyMs = 120_000;
const auditor = {
  issuer: 'gateway',
  subject: 'bench',
  roles: [{ role: 'auditor', shopId: '*' }],
  requestId: 'bench',
} as const;

/** Facts that were booked, those of them in a block, and the blocks. */
interface Journal {
  readonly facts: number;
  readonly sealed: number;
  readonly blocks: number;
}

/** How a round's journal was sealed. */
export interface Sealing {
  readonly blocks: number;
  /** Of a hundred facts, how many stood in a block when the last order was committed. */
  readonly percentAtEnd: number;
  /** From then until all of them did. */
  readonly lagSeconds: number;
}

/**
 * What the sealer has left to do when the last order is committed, and that it does it: every fact in a
 * block, and every block as its rows say.
 *
 * @throws Error where one is not, or where nothing was sealed before the end: then no sealer was measured
 */
export async function sealedToTheEnd(running: Running, secrets: Secrets): Promise<Sealing> {
  const startedAt = performance.now();
  const atEnd = await journalOf(running.client);
  const whole = await until('all facts to be sealed', () => journalOf(running.client), {
    deadlineMs: sealedWithinMs,
    everyMs: 20,
    holds: ({ facts, sealed }) => facts > 0 && sealed === facts,
  });
  const lagSeconds = (performance.now() - startedAt) / 1_000;
  if (atEnd.sealed === 0) throw new Error('nothing was sealed while orders were booked');
  const verified = await verify(running.url, secrets);
  if (verified.facts !== whole.facts || verified.blocks !== whole.blocks) {
    throw new Error(`verified ${JSON.stringify(verified)} of ${JSON.stringify(whole)}`);
  }
  return { blocks: whole.blocks, percentAtEnd: (100 * atEnd.sealed) / whole.facts, lagSeconds };
}

/** @throws Error where anything was sealed, or nothing waits to be */
export async function nothingSealed({ client }: Running): Promise<void> {
  const journal = await journalOf(client);
  if (journal.facts === 0 || journal.sealed > 0 || journal.blocks > 0) {
    throw new Error(`a sealer that is kept away left ${JSON.stringify(journal)}`);
  }
}

async function journalOf(client: Client): Promise<Journal> {
  const { rows } = await client.query<Record<keyof Journal, string>>(
    `SELECT coalesce(sum(fact_count), 0) AS facts,
            coalesce(sum(fact_count) FILTER (WHERE block IS NOT NULL), 0) AS sealed,
            (SELECT count(*) FROM settlement_calculator.ledger_block) AS blocks
       FROM settlement_calculator.journal_batch`,
  );
  const { facts = 0, sealed = 0, blocks = 0 } = rows[0] ?? {};
  return { facts: Number(facts), sealed: Number(sealed), blocks: Number(blocks) };
}

/** Has the service recompute the whole journal from its rows, page by page. */
async function verify(url: string, secrets: Secrets): Promise<Pick<Journal, 'facts' | 'blocks'>> {
  const key = secrets.services.gateway.signingKey;
  const client = new ServiceClient(
    { service: 'gateway', services: { 'settlement-calculator': [url] }, replica: 0 },
    new TokenIssuer({ service: 'gateway', ...key }),
  );
  const all = { facts: 0, blocks: 0 };
  for (let from: number | null = 1; from !== null;) {
    const page: ServiceAnswer<LedgerVerification> = await client.request({
      service: 'settlement-calculator',
      method: 'GET',
      path: `/internal/shops/${shopId}/ledger/verify?fromBlock=${from}`,
      caller: auditor,
      timeoutMs: verifyMs,
    });
    const { status, body } = page;
    if (status !== 200 || !body.ok) throw new Error(`verify: ${status} ${JSON.stringify(body)}`);
    all.facts += body.facts;
    all.blocks += body.blocks;
    from = body.nextBlock;
  }
  return all;
}
