import { fenOf, yuanOf } from '@qingfen/testing';
import { payeesOf, shops } from './cast.js';
import { type Expected, keyOf } from './expected.js';
import type { World } from './world.js';

/** One thing that was compared: how many figures, and each one that differs, in words. */
export interface Comparison {
  readonly what: string;
  readonly figures: number;
  readonly differences: readonly string[];
}

/** What is expected against what is: the sandbox's own book, and then the product's own words. */
export async function compareAll(world: World, expected: Expected): Promise<readonly Comparison[]> {
  return [
    await compareTransfers(world, expected),
    await compareAlipayBalances(world, expected),
    await compareBalances(world, expected),
    await compareLedgers(world, expected),
  ];
}

/** Each transfer of the sandbox's book: number, account and amount. */
async function compareTransfers({ sandbox }: World, { transfers }: Expected): Promise<Comparison> {
  const differences: string[] = [];
  const moved = new Map(
    (await sandbox.transfers())
      .filter(({ status }) => status !== 'FAIL')
      .map((transfer) => [`${transfer.appId} ${transfer.outBizNo}`, transfer]),
  );
  for (const { appId, outBizNo, identity, fen, payeeId, kind } of transfers) {
    const number = `${appId} ${outBizNo}`;
    const transfer = moved.get(number);
    moved.delete(number);
    const isSame =
      transfer?.status === 'SUCCESS' &&
      transfer.identity === identity &&
      fenOf(transfer.amount) === fen;
    if (isSame) continue;
    const found = transfer === undefined ? 'nothing' : `${transfer.status} ${transfer.amount}`;
    const owed = `${kind} of ${payeeId}, ${yuanOf(fen)} to ${identity}`;
    differences.push(`${owed} under ${outBizNo}: Alipay's book has ${found}`);
  }
  for (const { outBizNo, identity, amount } of moved.values()) {
    differences.push(`nobody was owed the ${amount} that went to ${identity} under ${outBizNo}`);
  }
  return { what: "transfers in Alipay's book", figures: transfers.length, differences };
}

/** What merchants have left and what accounts have got. */
async function compareAlipayBalances(
  { sandbox }: World,
  { transfers }: Expected,
): Promise<Comparison> {
  const wanted: { name: string; fen: bigint; read: () => Promise<string> }[] = [];
  for (const { appId, balance } of shops) {
    const out = sumOf(transfers.filter((transfer) => transfer.appId === appId));
    const read = (): Promise<string> => sandbox.balance(appId);
    wanted.push({ name: `merchant ${appId}`, fen: fenOf(balance) - out, read });
  }
  for (const identity of new Set(transfers.map((transfer) => transfer.identity))) {
    const fen = sumOf(transfers.filter((transfer) => transfer.identity === identity));
    const read = async (): Promise<string> => (await sandbox.account(identity)).balance;
    wanted.push({ name: `account ${identity}`, fen, read });
  }
  const differences: string[] = [];
  for (const { name, fen, read } of wanted) {
    const has = await read();
    if (fenOf(has) !== fen) differences.push(`${name} has ${has} instead of ${yuanOf(fen)}`);
  }
  return { what: "balances in Alipay's book", figures: wanted.length, differences };
}

/** What the product says that everybody was owed and paid. */
async function compareBalances({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  let figures = 0;
  for (const shop of shops) {
    const { shopId } = shop;
    const said = new Map(
      (await gateway.balances(shopId)).map((each) => [`${each.kind}|${each.payeeId}`, each]),
    );
    for (const { payeeId } of payeesOf(shop)) {
      for (const kind of ['commission', 'supplier'] as const) {
        const key = keyOf(shopId, kind, payeeId);
        const balance = said.get(`${kind}|${payeeId}`);
        said.delete(`${kind}|${payeeId}`);
        const part = (name: 'accrued' | 'matured' | 'held' | 'inPayout' | 'paid'): bigint =>
          fenOf(balance?.[name] ?? '0.00');
        const open = part('accrued') + part('matured') + part('held') + part('inPayout');
        const owed = open + part('paid') - fenOf(balance?.owedBack ?? '0.00');
        const pairs = [
          ['owed', owed, expected.owed.get(key) ?? 0n],
          ['paid', part('paid'), expected.paid.get(key) ?? 0n],
        ] as const;
        for (const [what, is, wanted] of pairs) {
          figures += 1;
          if (is === wanted) continue;
          const figure = `${kind} ${what} of ${payeeId} in ${shopId}`;
          differences.push(`${figure} is ${yuanOf(is)} instead of ${yuanOf(wanted)}`);
        }
      }
    }
    for (const key of said.keys()) differences.push(`${shopId} owes ${key}, whom nobody knows`);
  }
  return { what: "owed and paid by the product's own books", figures, differences };
}

/** Each ledger adds up, has the fees that are expected, and nothing in transit. */
async function compareLedgers({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  let figures = 0;
  for (const { shopId } of shops) {
    const { balanced, currencies } = await gateway.trialBalance(shopId);
    const yuan = currencies.find(({ currency }) => currency === 'CNY');
    const balanceOf = (account: string): bigint =>
      fenOf(yuan?.accounts.find((each) => each.account === account)?.balance ?? '0.00');
    const paidFen = sumOf(expected.transfers.filter((each) => each.shopId === shopId));
    const wanted = [
      ['the fees', -balanceOf('revenue:platform-fee'), expected.feeOf.get(shopId) ?? 0n],
      ['the cash paid out', -balanceOf('alipay-cash'), paidFen],
      ['the money in transit', balanceOf('payout-in-transit'), 0n],
      ['debit less credit', fenOf(yuan?.debit ?? '0.00') - fenOf(yuan?.credit ?? '0.00'), 0n],
    ] as const;
    if (!balanced) differences.push(`the ledger of ${shopId} does not balance`);
    for (const [what, is, should] of wanted) {
      figures += 1;
      if (is === should) continue;
      const figure = `${what} in the ledger of ${shopId}`;
      differences.push(`${figure}: ${yuanOf(is)} instead of ${yuanOf(should)}`);
    }
  }
  return { what: 'trial balances', figures, differences };
}

/** Σ of amounts, in fen. */
export function sumOf(amounts: Iterable<{ readonly fen: bigint }>): bigint {
  let sum = 0n;
  for (const { fen } of amounts) sum += fen;
  return sum;
}
