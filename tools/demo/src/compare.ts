import { fenOf, type ReferenceBalance, referenceKinds, yuanOf } from '@qingfen/testing';
import { payeesOf, shops } from './cast.js';
import type { Comparison } from './comparison.js';
import { compareOrders } from './compare-orders.js';
import { type Expected, paidBy, sumOf } from './expected.js';
import type { World } from './world.js';

type BalancePart = 'accrued' | 'matured' | 'held' | 'inPayout' | 'paid' | 'owedBack';

const nothingOwed: ReferenceBalance = {
  owedBack: 0n,
  inPayout: 0n,
  paid: 0n,
  waiting: 0n,
  parts: { accrued: 0n, matured: 0n, held: 0n },
};

/** What is expected against what is: the sandbox's own book, and then the product's own words. */
export async function compareAll(world: World, expected: Expected): Promise<readonly Comparison[]> {
  return [
    await compareTransfers(world, expected),
    await compareAlipayBalances(world, expected),
    await compareStatements(world, expected),
    await compareBalances(world, expected),
    ...(await compareOrders(world, expected)),
    await compareLedgers(world, expected),
    await compareAlerts(world, expected),
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
  for (const { outBizNo, fen, statement } of transfers) {
    const { shop, identity, payeeId, kind } = statement;
    const number = `${shop.appId} ${outBizNo}`;
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
async function compareAlipayBalances({ sandbox }: World, expected: Expected): Promise<Comparison> {
  const wanted: { name: string; fen: bigint; read: () => Promise<string> }[] = [];
  for (const shop of shops) {
    const read = (): Promise<string> => sandbox.balance(shop.appId);
    const fen = fenOf(shop.balance) - paidBy(expected, shop);
    wanted.push({ name: `merchant ${shop.appId}`, fen, read });
  }
  const { transfers } = expected;
  for (const identity of new Set(transfers.map(({ statement }) => statement.identity))) {
    const fen = sumOf(transfers.filter(({ statement }) => statement.identity === identity));
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

/** Every statement: whose, of which run, how much, and what became of it. */
async function compareStatements({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  for (const { shopId } of shops) {
    const said = new Map(
      (await gateway.statements(shopId)).map((statement) => [statement.statementId, statement]),
    );
    for (const each of expected.statements.filter(({ shop }) => shop.shopId === shopId)) {
      const { statementId, kind, payeeId, period, netFen, isPaid } = each;
      const seen = said.get(statementId);
      said.delete(statementId);
      const state = isPaid ? 'paid' : 'given-back';
      const wanted = [kind, payeeId, period, yuanOf(netFen), state].join(' ');
      const is =
        seen === undefined
          ? 'nothing'
          : [seen.kind, seen.payeeId, seen.period, seen.net, seen.state].join(' ');
      if (wanted !== is) differences.push(`${shopId} states ${is} instead of ${wanted}`);
    }
    for (const { kind, payeeId, period, net } of said.values()) {
      differences.push(
        `${shopId} states ${kind} ${payeeId} ${period} ${net}, which nobody is owed`,
      );
    }
  }
  return { what: 'statements', figures: expected.statements.length, differences };
}

/** What the product says that everybody is owed, was paid, and has waiting or owes back. */
async function compareBalances({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  let figures = 0;
  for (const each of expected.books) {
    const { shop, reference } = each;
    const { shopId } = shop;
    const balances = new Map(
      (await gateway.balances(shopId)).map((said) => [`${said.kind} ${said.payeeId}`, said]),
    );
    const owed = reference.balances();
    for (const { payeeId } of payeesOf(shop)) {
      for (const kind of referenceKinds) {
        const said = balances.get(`${kind} ${payeeId}`);
        balances.delete(`${kind} ${payeeId}`);
        const { inPayout, paid, waiting, owedBack, parts } =
          owed.get(`${kind} ${payeeId}`) ?? nothingOwed;
        const fen = (name: BalancePart): bigint => fenOf(said?.[name] ?? '0.00');
        const pairs = [
          ['in payout', fen('inPayout'), inPayout],
          ['paid', fen('paid'), paid],
          ['waiting', fen('accrued') + fen('matured') + fen('held'), waiting],
          ['held', fen('held'), parts?.held ?? smaller(each.heldFen(kind, payeeId), waiting)],
          ['owed back', fen('owedBack'), owedBack],
        ] as const;
        for (const [what, is, wanted] of pairs) {
          figures += 1;
          if (is === wanted) continue;
          const figure = `${kind} ${what} of ${payeeId} in ${shopId}`;
          differences.push(`${figure} is ${yuanOf(is)} instead of ${yuanOf(wanted)}`);
        }
      }
    }
    for (const key of balances.keys()) {
      differences.push(`${shopId} owes ${key}, whom nobody knows`);
    }
  }
  return { what: 'balances of payees by the product', figures, differences };
}

/** Each ledger adds up, and each of its accounts has what is expected. */
async function compareLedgers({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  let figures = 0;
  for (const books of expected.books) {
    const { shopId } = books.shop;
    const { balanced, currencies } = await gateway.trialBalance(shopId);
    if (!balanced) differences.push(`the ledger of ${shopId} does not balance`);
    const wanted = new Map(books.accounts());
    for (const { account, balance } of currencies.flatMap(({ accounts }) => accounts)) {
      const should = wanted.get(account) ?? 0n;
      wanted.delete(account);
      figures += 1;
      if (fenOf(balance) === should) continue;
      differences.push(`${account} of ${shopId} is ${balance} instead of ${yuanOf(should)}`);
    }
    for (const [account, fen] of wanted) {
      differences.push(`${account} of ${shopId} is missing instead of ${yuanOf(fen)}`);
    }
  }
  return { what: 'accounts of the ledgers', figures, differences };
}

/** Who must be told of debts and late disputes is told, and nothing was left unprocessed. */
async function compareAlerts({ gateway }: World, expected: Expected): Promise<Comparison> {
  const differences: string[] = [];
  let figures = 0;
  for (const { shop, disputedLate, overdue } of expected.books.map((books) => ({
    shop: books.shop,
    disputedLate: books.disputedLate,
    overdue: books.overdue(),
  }))) {
    const raised = await gateway.alerts(shop.shopId, '?state=raised');
    const classes = [
      ['receivable-overdue', overdue],
      ['dispute-after-statement', disputedLate],
    ] as const;
    for (const [name, wanted] of classes) {
      const of = raised.filter((alert) => alert.class === name).map(({ subject }) => subject.id);
      const [is, should] = [[...of].sort().join(', '), [...wanted].sort().join(', ')];
      figures += wanted.size;
      if (is === should) continue;
      differences.push(`${shop.shopId} raises ${name} for [${is}] instead of [${should}]`);
    }
  }
  const { deadLetters } = await gateway.status();
  for (const [topic, count] of Object.entries(deadLetters)) {
    if (count > 0) differences.push(`${count} messages of ${topic} became dead letters`);
  }
  return { what: 'alerts of debts and late disputes', figures, differences };
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
