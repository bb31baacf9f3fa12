import { makeSigningKey } from '@qingfen/security';
import { type ReferenceShop, type ShopPicture, yuanOf } from '@qingfen/testing';
import { compareAccounts } from '../balance-check.store.js';
import { judgeAccount } from '../balance-verdict.js';
import { BalanceController } from '../balance.controller.js';
import type { Books } from '../books.fixture.js';
import { SealedBooks } from '../sealed-shop.fixture.js';
import { pictureOfBooks } from './books-picture.fixture.js';
import type { World } from './world.fixture.js';

/** Heads of one look are verified by the next. */
const current = makeSigningKey('settlement-calculator-1');
/** More accounts than a shop of the model has. */
const accountsMax = 10_000;

/** Compares every shop with the model. @throws Error with every difference, in words */
export async function compare(books: Books, world: World, when: string): Promise<void> {
  const differences: string[] = [];
  for (const [shopId, shop] of world.shops) {
    const seen = await pictureOfBooks(books.database, shopId);
    differences.push(...differencesOf(shop.picture(), seen));
    differences.push(...(await differentBalances(books, shop)));
    differences.push(...(await differentWords(books, shop)));
    differences.push(...(await differentLedger(books, shopId)));
  }
  if (differences.length === 0) return;
  throw new Error(
    [`the books differ from the model, ${when}, at ${world.hours(0)}:`, ...differences].join('\n'),
  );
}

/** The journal verifies once it is sealed, and every account is what its facts come to (O9, O10). */
async function differentLedger(books: Books, shopId: string): Promise<string[]> {
  const sealed = new SealedBooks(books, null, { current });
  await sealed.seal(shopId);
  const { firstBad } = await sealed.verifier().verify(shopId, 1);
  const unfolded = { shopId, foldedBlock: 0, nextAccountNo: 0n, nextBlock: 1 };
  const accounts = await compareAccounts(books.database, unfolded, accountsMax);
  return [
    ...(firstBad === null
      ? []
      : [`the journal: ${firstBad.table} ${firstBad.key}: ${firstBad.why}`]),
    ...accounts.flatMap((account) => judgeAccount(account)?.message ?? []),
  ];
}

function differencesOf(wanted: ShopPicture, seen: ShopPicture): string[] {
  return keysOf(wanted).flatMap((part) => {
    const [missing, surplus] = [
      without(wanted[part], seen[part]),
      without(seen[part], wanted[part]),
    ];
    return [
      ...missing.map((line) => `${part}: the model alone has ${line}`),
      ...surplus.map((line) => `${part}: the books alone have ${line}`),
    ];
  });
}

/** The lines of one list that another lacks, each as often as it does. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}

async function differentBalances(books: Books, shop: ReferenceShop): Promise<string[]> {
  const controller = new BalanceController(books.database, books.clock, books.plans);
  const { items } = await controller.list(shop.state.shopId, { limit: '500' });
  const wanted = shop.balances();
  const told = [...wanted].map(([key, { owedBack, inPayout, paid, waiting, parts }]) => {
    const { accrued, matured, held } = parts ?? { accrued: waiting, matured: 0n, held: 0n };
    return [key, ...[accrued, matured, held, inPayout, paid, owedBack].map(yuanOf)].join(' ');
  });
  const seen = items.map((item) => {
    const { accrued, matured, held, inPayout, paid, owedBack } = item;
    const key = `${item.kind} ${item.payeeId}`;
    const waiting = [accrued, matured, held];
    // Where negative entries are among them, how the three share what waits is not the law's business.
    const parts = wanted.get(key)?.parts === null ? [sumOf(waiting), '0.00', '0.00'] : waiting;
    return [key, ...parts, inPayout, paid, owedBack].join(' ');
  });
  const nothing = / 0\.00 0\.00 0\.00 0\.00 0\.00 0\.00$/;
  return [
    ...without(told, seen).map((line) => `balances: the model alone has ${line}`),
    ...without(seen, told).map((line) => `balances: the books alone have ${line}`),
  ].filter((line) => !nothing.test(line));
}

function sumOf(amounts: readonly string[]): string {
  const fen = amounts.map((amount) => BigInt(amount.replace('.', '')));
  if (fen.some((one) => one < 0n)) throw new Error(`a balance is negative: ${amounts.join(' ')}`);
  return yuanOf(fen.reduce((sum, one) => sum + one, 0n));
}

/** Each statement is said once, and each payout asked for once. */
async function differentWords(books: Books, { state }: ReferenceShop): Promise<string[]> {
  const rows = await books.database.query<{ line: string }>(
    `SELECT topic || ' ' || coalesce(value #>> '{data,payoutId}', value #>> '{data,statementId}') AS line
       FROM (SELECT topic, coalesce(value_text, convert_from(value, 'UTF8'))::json AS value FROM outbox
              WHERE topic IN ('statement-issued', 'payout-requested')) said
      WHERE value #>> '{data,shopId}' = $1`,
    [state.shopId],
  );
  const said = rows.map(({ line }) => line);
  const wanted = [
    ...[...state.statements.keys()].map((id) => `statement-issued ${id}`),
    ...[...state.payouts.keys()].map((id) => `payout-requested ${id}`),
  ];
  return [
    ...without(wanted, said).map((line) => `nobody said ${line}`),
    ...without(said, wanted).map((line) => `somebody said ${line}`),
  ];
}

function keysOf(picture: ShopPicture): readonly (keyof ShopPicture)[] {
  const { unstated, statements, payouts, runs, orders, refunds, holds, ledger, teams, debts } =
    picture;
  const named = {
    orders,
    refunds,
    holds,
    runs,
    unstated,
    statements,
    payouts,
    ledger,
    teams,
    debts,
  };
  return Object.keys(named).filter((key): key is keyof ShopPicture => key in picture);
}
