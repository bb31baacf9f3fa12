import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@qingfen/database';
import { Units, type Unit } from '@qingfen/messaging';
import type { FirstBad } from './batch-verdict.js';
import {
  beginWatches,
  compareAccounts,
  factsSince,
  foldBalances,
  keepWatch,
  lopsidedCurrencies,
  takeWatch,
  type ComparedAccount,
  type Watch,
} from './balance-check.store.js';
import {
  accountSubject,
  judgeAccount,
  lopsidedLedger,
  type BalanceDifference,
} from './balance-verdict.js';
import { VerifyService } from './verify.service.js';

/** What one look does at most: it is repeated for ever, and nobody must wait for it. */
const factsFolded = 50_000;
const factsVerified = 20_000;
const accountsCompared = 2_000;
/** With more than these not yet in the snapshot, comparing waits until folding has come closer. */
const factsSinceMax = 100_000;
const alertsAtOnce = 20;

const balanceAlert = 'account-differs';
const journalAlert = 'journal-differs';

/**
 * Recomputes balances from facts and the journal from rows, for ever, a piece at a time, and tells somebody
 * when they are not what is kept (architecture.md rules 4 and 10).
 */
@Injectable()
export class WatchService {
  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'query'>,
    @Inject(Units) private readonly units: Pick<Units, 'run'>,
    @Inject(VerifyService) private readonly verifier: VerifyService,
  ) {}

  /** Looks at a piece of the shop that was not looked at for longest. @returns whose, null: nobody's */
  async look(): Promise<string | null> {
    await beginWatches(this.database);
    return this.units.run(async (unit) => {
      const watch = await takeWatch(unit.tx);
      if (watch === undefined) return null;
      const folded = { ...watch, foldedBlock: await foldBalances(unit.tx, watch, factsFolded) };
      const nextAccountNo = await this.compare(unit, folded);
      const nextBlock = await this.verify(unit, folded);
      await keepWatch(unit.tx, { ...folded, nextAccountNo, nextBlock });
      return watch.shopId;
    });
  }

  /** @returns behind which account to go on; 0: from the first */
  private async compare(unit: Unit, watch: Watch): Promise<bigint> {
    if ((await factsSince(unit.tx, watch)) > factsSinceMax) return watch.nextAccountNo;
    const accounts = await compareAccounts(unit.tx, watch, accountsCompared);
    const isRound = accounts.length < accountsCompared;
    const lopsided = isRound ? await lopsidedCurrencies(unit.tx, watch.shopId) : [];
    const differences = [
      ...accounts.flatMap((account) => judgeAccount(account) ?? []),
      ...lopsided.map(lopsidedLedger),
    ];
    this.tell(unit, watch.shopId, differences);
    const currencies = isRound ? new Set(accounts.map(({ currency }) => currency)) : [];
    const whole = [...currencies].map((currency) => ({ currency, label: '*' }));
    await this.endAlerts(unit, watch.shopId, { accounts: [...accounts, ...whole], differences });
    return isRound ? 0n : (accounts.at(-1)?.account_no ?? 0n);
  }

  private tell(unit: Unit, shopId: string, differences: readonly BalanceDifference[]): void {
    for (const { subject, message, messageZh } of differences.slice(0, alertsAtOnce)) {
      unit.alert({
        class: 'account-differs',
        severity: 'critical',
        shopId,
        subject,
        message,
        messageZh,
      });
    }
  }

  /** Accounts that agree again. */
  private async endAlerts(
    unit: Unit,
    shopId: string,
    compared: {
      readonly accounts: readonly Pick<ComparedAccount, 'currency' | 'label'>[];
      readonly differences: readonly BalanceDifference[];
    },
  ): Promise<void> {
    const raised = await unit.tx.query<{ subject_id: string }>(
      `SELECT subject_id FROM alert WHERE shop_id = $1 AND class = $2 AND state = 'raised'`,
      [shopId, balanceAlert],
    );
    if (raised.length === 0) return;
    const bad = new Set(compared.differences.map(({ subject }) => subject.id));
    const good = new Set(compared.accounts.map((account) => accountSubject(account).id));
    for (const { subject_id: id } of raised) {
      if (!good.has(id) || bad.has(id)) continue;
      unit.resolveAlert(balanceAlert, { type: 'account', id }, shopId);
    }
  }

  /** @returns with which block to go on; after a row that is not as it was sealed, from the first */
  private async verify(unit: Unit, { shopId, nextBlock }: Watch): Promise<number> {
    const { firstBad, nextBlock: next } = await this.verifier.verify(
      shopId,
      nextBlock,
      factsVerified,
    );
    const subject = { type: 'ledger', id: shopId };
    if (firstBad !== null) {
      unit.alert({
        class: 'journal-differs',
        severity: 'critical',
        shopId,
        subject,
        ...journalWords(firstBad),
      });
      return 1;
    }
    if (next === null) unit.resolveAlert(journalAlert, subject, shopId);
    return next ?? 1;
  }
}

function journalWords({ block, table, key, why }: FirstBad): {
  readonly message: string;
  readonly messageZh: string;
} {
  const where = block === null ? '' : `block ${block}, `;
  return {
    message: `The journal is not what was sealed: ${where}${table} ${key}: ${why}.`,
    messageZh: `账簿日志与封存的内容不一致: ${block === null ? '' : `区块 ${block}, `}${table} ${key} (${why})。`,
  };
}
