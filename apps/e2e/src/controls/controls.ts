/** A build that is broken on purpose, and what must notice it. */
export interface Control {
  readonly name: string;
  /** Of docs/reliability.md. */
  readonly oracle: string;
  /** Relative to the clone. */
  readonly file: string;
  /** Stands in the file exactly once, and is replaced. */
  readonly from: string;
  readonly to: string;
  /** Specs that are run over the broken build: the beginning of their paths. */
  readonly specs: string;
  /** A test that must fail, by its title: not just anything, as after a slip of this list. */
  readonly caughtBy: RegExp;
}

const intake = 'libs/messaging/src/intake.ts';
const intakeSpecs = 'libs/messaging/src/intake.store.spec';
const unknownSpecs = 'apps/payout/src/unknown.store.spec';
const sendingSpecs = 'apps/payout/src/sending.store.spec';
const coreSpecs = 'libs/core/payout/src';
const tradeSpecs = 'apps/reconciliation/src/trades.store.spec';

/** Broken in ways that systems like this one have really been broken in: one way or more for each oracle. */
export const controls: readonly Control[] = [
  {
    name: 'a fen is lost where a line is split',
    oracle: 'O1',
    file: 'libs/core/settlement/src/split-line.ts',
    from: '      supplierMinor: minor(left),\n      cappedMinor',
    to: '      supplierMinor: minor(left > 0n ? left - 1n : left),\n      cappedMinor',
    specs: 'libs/core/settlement/src/split-line',
    caughtBy: /M1 loses nothing and invents nothing/,
  },
  {
    name: 'the offset is committed though the facts are not',
    oracle: 'O2',
    file: intake,
    from: '        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) throw error;\n',
    to: `        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) {
          const behind = takings.map(({ batch, next }) => ({ partition: batch.partition, next }));
          await database.transaction(async (tx) => {
            await waitingOf(tx, takings);
            await advanceOffsets(tx, placeOf(takings), behind);
          });
          throw error;
        }\n`,
    specs: intakeSpecs,
    caughtBy: /because the database is in trouble/,
  },
  {
    name: 'a batch that failed is taken for done',
    oracle: 'O2',
    file: intake,
    from: '        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) throw error;\n',
    to: '        } else if (!(error instanceof CommitUnknown) || tries >= commitTriesMax) return;\n',
    specs: intakeSpecs,
    caughtBy: /because the database is in trouble/,
  },
  {
    name: 'no inbox: an event that comes again counts again',
    oracle: 'O3',
    file: 'libs/messaging/src/inbox.ts',
    from: '    if (isNew(entry.eventKey) && earlier === entry) sorted.fresh.push(entry);\n',
    to: '    if (earlier !== undefined) sorted.fresh.push(entry);\n',
    specs: intakeSpecs,
    caughtBy: /knows an event that upstream sent again/,
  },
  {
    name: 'a new number on a retry',
    oracle: 'O4',
    file: 'apps/payout/src/send-judge.ts',
    from: '  return { held, decision: decideResend(payout), owner, text: stored, merchant, startAtMs };\n',
    to: `  const other = payout.outBizNo.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  const text = stored.replaceAll(payout.outBizNo, other);
  return { held, decision: decideResend(payout), owner, text, merchant, startAtMs };\n`,
    specs: unknownSpecs,
    caughtBy: /sends the stored request again, byte for byte|is resolved by asking/,
  },
  {
    name: 'unknown is taken for failed',
    oracle: 'O4',
    file: 'libs/core/payout/src/decide-outcome.ts',
    from: `    case 'unclear':
      return becomeUnknown(payout, now, outcome.why, null, [`,
    to: `    case 'unclear':
      return fail(
        payout,
        {
          class: 'N',
          payeeFault: false,
          failure: { code: 'unclear', subCode: null, message: outcome.why },
        },
        now,
        outcome.why,
      );
      return becomeUnknown(payout, now, outcome.why, null, [`,
    specs: unknownSpecs,
    caughtBy: /is resolved by asking/,
  },
  {
    name: 'a time-out is taken for "nothing was sent"',
    oracle: 'O4',
    file: 'libs/core/payout/src/decide-outcome.ts',
    from: "    case 'not-found':\n      return decideNotFound(payout, now);\n",
    to: `    case 'not-found':
      return move(payout, now, [
        { to: 'sending', why: 'once is enough', set: { isUnsent: true, unknownAt: null, asked: 0 } },
      ]);\n`,
    specs: coreSpecs,
    caughtBy: /sends the stored request again only after two ORDER_NOT_EXIST/,
  },
  {
    name: 'a failed payout is given back and goes out again',
    oracle: 'O5',
    file: 'libs/core/payout/src/states.ts',
    from: '  failed: [],\n',
    to: "  failed: ['requested'],\n",
    specs: coreSpecs,
    caughtBy: /has exactly the moves of domain\.md 7/,
  },
  {
    name: 'an unknown payout may be cancelled',
    oracle: 'O5',
    file: 'libs/core/payout/src/states.ts',
    from: "  unknown: ['succeeded', 'failed', 'sending', 'waiting'],\n",
    to: "  unknown: ['succeeded', 'failed', 'sending', 'waiting', 'cancelled'],\n",
    specs: coreSpecs,
    caughtBy: /has exactly the moves of domain\.md 7/,
  },
  {
    name: 'the relay deletes what it could not send',
    oracle: 'O6',
    file: 'libs/messaging/src/relay-lane.ts',
    from: '    await producer.send(byTopic, bytes);\n',
    to: '    await producer.send(byTopic, bytes).catch(() => undefined);\n',
    specs: 'libs/messaging/src/relay.kafka.spec',
    caughtBy:
      /waits for a broker that is away|holds up one shard alone|dies between send and commit/,
  },
  {
    name: 'what is unknown is not asked about any more',
    oracle: 'O7',
    file: 'libs/core/payout/src/asking.ts',
    from: '  return { askInMs: null, askAt: new Date(dueMs) };\n',
    to: '  return { askInMs: null, askAt: dueMs < 0 ? new Date(dueMs) : null };\n',
    specs: unknownSpecs,
    caughtBy: /R-FAI-1/,
  },
  {
    name: 'what a lost sender was sending stays where it is',
    oracle: 'O7',
    file: 'apps/payout/src/send.store.ts',
    from: "     WHERE p.state = 'sending' AND NOT (p.is_unsent AND p.owner IS NULL)\n       AND CASE",
    to: "     WHERE p.state = 'sending' AND p.is_unsent\n       AND CASE",
    specs: unknownSpecs,
    caughtBy: /asks about what a lost sender was sending/,
  },
  {
    name: 'of a trade only the lines of one day count',
    oracle: 'O8',
    file: 'apps/reconciliation/src/trade-side.store.ts',
    from: 'b.shop_id = $1 AND b.day <= $2',
    to: 'b.shop_id = $1 AND b.day = $2',
    specs: tradeSpecs,
    caughtBy: /O8 k discrepancies of every class are exactly those k/,
  },
  {
    name: 'a refund does not count for what a trade leaves',
    oracle: 'O8',
    file: 'libs/core/reconciliation/src/compare-trade.ts',
    from: '  const toldMinor = told === null ? 0n : told.paidMinor - told.backMinor;\n',
    to: '  const toldMinor = told === null ? 0n : told.paidMinor;\n',
    specs: tradeSpecs,
    caughtBy: /O8 k discrepancies of every class are exactly those k/,
  },
  {
    name: 'the bill of yesterday clears what the log of today has told',
    oracle: 'O8',
    file: 'apps/reconciliation/src/comparison.service.ts',
    from: " || comparison === 'payouts') && day > lastDay;\n",
    to: " || comparison === 'payouts') && day < '';\n",
    specs: 'apps/reconciliation/src/account-log.store.spec',
    caughtBy: /yesterday’s bill decides nothing/,
  },
  {
    name: 'a message is believed without its signature',
    oracle: 'O11',
    file: 'libs/messaging/src/judge.ts',
    from: '  if (header === undefined) return { ok: false };\n',
    to: '  if (header === undefined) return { ok: true, service: null };\n',
    specs: intakeSpecs,
    caughtBy: /without a valid signature of the writer have no effect/,
  },
  {
    name: 'whoever caused a decision may take it',
    oracle: 'O11',
    file: 'libs/core/payout/src/decide-act.ts',
    from: '  if (actor.hasChangedAccount || payout.makers.includes(actor.userId)) {\n',
    to: '  if (actor.userId === payout.payoutId) {\n',
    specs: coreSpecs,
    caughtBy: /lets nobody approve what they caused/,
  },
  {
    name: 'a role of one shop counts for all',
    oracle: 'O11',
    file: 'libs/hosting/src/access.guard.ts',
    from: "      mayAct(caller, { roles, shopId: typeof shopId === 'string' ? shopId : null })\n",
    to: "      (caller.roles.some(({ role }) => roles.includes(role)) || mayAct(caller, { roles, shopId: typeof shopId === 'string' ? shopId : null }))\n",
    specs: 'libs/hosting/src/access.guard.spec',
    caughtBy: /a role counts for its own shop alone/,
  },
  {
    name: 'the emergency stop is not looked at before a send',
    oracle: 'R-OPS-2',
    file: 'apps/payout/src/send-scene.store.ts',
    from: `WHERE e.stopped AND e.shop_id IN ('*', k.shop_id)) AS "isStopped"`,
    to: `WHERE e.stopped AND e.shop_id IN ('*', k.shop_id) AND false) AS "isStopped"`,
    specs: sendingSpecs,
    caughtBy: /R-OPS-2 holds what is requested/,
  },
  {
    name: 'the brake is not asked before a send',
    oracle: 'R-OPS-2',
    file: 'apps/payout/src/sender.ts',
    from: '    await this.parts.brake.check(shopIds);\n',
    to: '',
    specs: 'apps/payout/src/brake.store.spec',
    caughtBy: /R-OPS-2/,
  },
];
