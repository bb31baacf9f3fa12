import { z } from 'zod';
import { day, id, list, oneOf, record, strictRecord, text, whole } from '../fields.js';
import { ledgerHead, ledgerKey } from '../own-events.js';
import { phrase } from '../phrase.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const notAHash = phrase('is not 64 hex digits', '不是 64 位十六进制数');
const hash = z.string({ error: notAHash }).regex(/^[0-9a-f]{64}$/, { error: notAHash });
const notANumber = phrase('is not a number', '不是数字');
const digits = z
  .string({ error: notANumber })
  .regex(/^(0|[1-9][0-9]{0,18})$/, { error: notANumber });
const path = z.array(hash);

/** Everything that a block's hash covers, and the hash. */
export const ledgerBlock = record({
  shopId: id,
  block: count,
  batchCount: count,
  factCount: count,
  lastBatch: digits,
  /** Milliseconds since 1970, as they stand in the hashed text. */
  sealedAtMs: count,
  root: hash,
  previous: hash,
  history: hash,
  hash,
});
/** Everything that a block's hash covers, and the hash. */
export type LedgerBlockView = z.output<typeof ledgerBlock>;

const batch = record({ batchId: digits, factCount: count, bookedAtMs: count, root: hash });

/** A day's head as a file: what the topic says, and the key that signed it. */
export const ledgerHeadFile = ledgerHead.extend({
  format: z.literal('qingfen-head/1'),
  publicKey: text(1000),
});
/** A day's head as a file. */
export type LedgerHeadFile = z.output<typeof ledgerHeadFile>;

/** A key that signs heads, and who introduced it. */
export type LedgerKey = z.output<typeof ledgerKey>;

/** Every key that ever signed heads, the first one first: a file beside those of heads. */
export const ledgerKeysFile = record({
  format: z.literal('qingfen-ledger-keys/1'),
  keys: list(ledgerKey, 100, 1),
});
/** Every key that ever signed heads, as a file. */
export type LedgerKeysFile = z.output<typeof ledgerKeysFile>;

/** Whose proof is asked for: `entries/en_1`, `statements/st_…`, `postings/<number>` or `postings/<cause>:<id>`. */
export const ledgerProofType = oneOf(['entries', 'postings', 'statements']);

/** One fact, and the path from it to a signed head: checked without the database and without the others. */
export const ledgerProof = record({
  format: z.literal('qingfen-proof/1'),
  shopId: id,
  subject: record({ type: ledgerProofType, id: text(300) }),
  /** The text that was hashed, a JSON array. */
  fact: text(1_000_000),
  batch: batch.extend({ index: count, path }),
  block: ledgerBlock.extend({ index: count, path }),
  head: ledgerHead.extend({ publicKey: text(1000), of: ledgerBlock, path }),
});
/** One fact, and the path from it to a signed head. */
export type LedgerProof = z.output<typeof ledgerProof>;

/** Query of `GET …/ledger/consistency`; days in the shop's time zone. */
export const ledgerConsistencyQuery = strictRecord({ from: day, to: day });
/** Query of `GET …/ledger/consistency`. */
export type LedgerConsistencyQuery = z.output<typeof ledgerConsistencyQuery>;

const consistentHead = ledgerHead.extend({ of: ledgerBlock });

/** That nothing of an earlier day's ledger was changed until a later day's head. */
export const ledgerConsistency = record({
  format: z.literal('qingfen-consistency/1'),
  shopId: id,
  publicKey: text(1000),
  from: consistentHead,
  to: consistentHead,
  /** The earlier block among the blocks before the later one. */
  inclusion: path,
  /** The blocks before the earlier one as the beginning of those before the later one. */
  consistency: path,
});
/** That nothing of an earlier day's ledger was changed until a later day's head. */
export type LedgerConsistency = z.output<typeof ledgerConsistency>;

const notABlock = phrase('is not a block number', '不是区块号');
const blockNumber = (pattern: RegExp): z.ZodType<number, string> =>
  z.string({ error: notABlock }).regex(pattern, { error: notABlock }).transform(Number);

/** Query of `GET …/ledger/archive`; `toBlock` is included, and without it there is no end. */
export const ledgerArchiveQuery = strictRecord({
  fromBlock: blockNumber(/^[1-9][0-9]{0,14}$/).default(1),
  toBlock: blockNumber(/^(0|[1-9][0-9]{0,14})$/).optional(),
});
/** Query of `GET …/ledger/archive`. */
export type LedgerArchiveQuery = z.output<typeof ledgerArchiveQuery>;

/** Some blocks with every fact in them, for a file that is checked offline. */
export const ledgerArchivePage = record({
  shopId: id,
  /** The complete nodes over all blocks before the first one here. */
  before: path,
  blocks: z.array(
    ledgerBlock.extend({ batches: z.array(batch.extend({ facts: z.array(z.string()) })) }),
  ),
  heads: z.array(ledgerHead),
  keys: z.array(ledgerKey),
  /** Where the next page begins; null at the end. */
  nextBlock: count.nullable(),
});
/** Some blocks with every fact in them. */
export type LedgerArchivePage = z.output<typeof ledgerArchivePage>;
