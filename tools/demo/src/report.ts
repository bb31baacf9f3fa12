import { fenOf, type SandboxTransfer } from '@qingfen/testing';
import { payeesOf } from './cast.js';
import type { Expected } from './expected.js';
import { sumOf } from './expected.js';
import type { Week } from './live.js';
import type { NewsTopic } from './news.js';
import type { Scene } from './script.js';
import type { ShopBooks } from './shop-books.js';
import { grouped, table } from './table.js';
import {
  type Happenings,
  happeningsOf,
  type OwedKind,
  owedOf,
  type Sums,
  sumsOf,
  together,
} from './tally.js';

const kinds = ['supplier', 'commission', 'team-reward'] as const;
const names: Readonly<Record<OwedKind, string>> = {
  supplier: 'suppliers 供应商货款',
  commission: 'commissions 分销佣金',
  'team-reward': 'team rewards 团队奖励金',
  'platform-fee': 'platform fee 平台服务费',
};
const topMax = 6;

/** One line of a week: what came in, what happened, and what went out of Alipay's book. */
export function weekLine(
  { number, from, to, scenes }: Week,
  { moved }: { readonly moved: readonly SandboxTransfer[] },
): string {
  const told = (topic: NewsTopic): number =>
    scenes.flatMap(({ news }) => news).filter((each) => each.topic === topic).length;
  const paid = moved.filter(({ status }) => status === 'SUCCESS');
  const fen = sumOf(paid.map(({ amount }) => ({ fen: fenOf(amount) })));
  const parts = [
    `${told('order-completed')} orders`,
    ...counted(told('order-refunded'), 'refund'),
    ...counted(told('order-refund-reversed'), 'refund reversed', 'refunds reversed'),
    ...counted(told('order-disputed'), 'dispute'),
    ...scenes.flatMap(({ acts }) => acts.map(({ what }) => happening[what])),
  ];
  const span = `${from.slice(5)} to ${to.slice(5)}`;
  return `week ${number}, ${span}: ${parts.join(', ')}; paid ${grouped(fen)} by ${paid.length} transfers`;
}

const happening: Readonly<Record<Scene['acts'][number]['what'], string>> = {
  freeze: 'an account frozen',
  mend: 'another account named',
  'publish-plan': 'plan version 2',
};

/** What was owed, taken off, clawed back, paid and carried, by kind; and what became of whom. */
export function summary(expected: Expected): readonly string[] {
  return ['', ...table(kindRows(expected)), '', ...happenings(expected), '', ...topLines(expected)];
}

function kindRows({ books, transfers }: Expected): readonly (readonly string[])[] {
  const sumsOfAll = (kind: OwedKind): Sums => together(books.map((each) => sumsOf(each, kind)));
  const figures = (sums: Sums, paidFen: bigint | null): readonly string[] => [
    grouped(sums.firstFen),
    grouped(sums.takenFen),
    grouped(sums.clawedFen),
    grouped(owedOf(sums)),
    paidFen === null ? 'kept' : grouped(paidFen),
    paidFen === null ? '' : grouped(owedOf(sums) - paidFen),
  ];
  const paidOf = (kind: OwedKind): bigint =>
    sumOf(transfers.filter(({ statement }) => statement.kind === kind));
  const ofPayees = together(kinds.map(sumsOfAll));
  return [
    ['in yuan', 'at first', 'refunded before', 'clawed back', 'owed', 'paid', 'carried'],
    ['单位：元', '原应结', '结算前冲减', '追回', '应结', '已付', '结转'],
    ...kinds.map((kind) => [names[kind], ...figures(sumsOfAll(kind), paidOf(kind))]),
    ['payees together 合计', ...figures(ofPayees, sumOf(transfers))],
    [names['platform-fee'], ...figures(sumsOfAll('platform-fee'), null)],
  ];
}

function happenings({ books, refused }: Expected): readonly string[] {
  const all = books.map(happeningsOf);
  const count = (what: keyof Happenings): number => all.reduce((sum, each) => sum + each[what], 0);
  const failed = [...new Set(refused.map(({ statement }) => statement.payeeId))].map(
    (payeeId) =>
      `account 账号: ${payeeId}'s was frozen; ${grouped(sumOf(refused))} came back and went to the new one`,
  );
  const held = books.flatMap((each) =>
    payeesOf(each.shop).flatMap(({ payeeId }) => kinds.map((kind) => each.heldFen(kind, payeeId))),
  );
  return [
    `refunds 退款: ${count('refundsBefore')} before the statement, ${count('refundsAfter')} after it; ` +
      `${count('refundsFirst')} before its order, ${count('reversals')} reversed; ` +
      `nothing is left of ${count('refundsFull')} orders`,
    `disputes 争议: ${count('disputes')}; ` +
      `${grouped(held.reduce((sum, fen) => sum + fen, 0n))} held by those that are open`,
    ...failed,
    ...books.flatMap(versionLines),
    ...debtors(books),
  ];
}

function versionLines({ shop, reference }: ShopBooks): readonly string[] {
  if (shop.later === undefined) return [];
  const { orders, versions } = reference.state;
  const counts = versions.map(({ version }) => {
    const own = [...orders.values()].filter((order) => order.version?.version === version);
    return `${own.length} orders by version ${version}`;
  });
  return [`plan 规则: ${shop.shopId} went over to version 2; ${counts.join(', ')}`];
}

function debtors(books: Expected['books']): readonly string[] {
  return books.flatMap(({ shop, reference }) =>
    [...reference.balances()]
      .filter(([, { owedBack }]) => owedBack > 0n)
      .map(([key, { owedBack }]) => {
        const [kind = '', payeeId = ''] = key.split(' ');
        const name = payeesOf(shop).find((payee) => payee.payeeId === payeeId)?.name ?? '';
        return `debtor 欠款: ${payeeId} ${name} (${shop.shopId}, ${kind}) owes back ${grouped(owedBack)}`;
      }),
  );
}

function topLines({ books, transfers }: Expected): readonly string[] {
  const rows = books.flatMap(({ shop }) =>
    payeesOf(shop).flatMap(({ payeeId, name }) =>
      kinds.map((kind) => ({
        who: `${payeeId} ${name}`,
        what: names[kind],
        fen: sumOf(
          transfers.filter(
            ({ statement }) =>
              statement.shop === shop && statement.payeeId === payeeId && statement.kind === kind,
          ),
        ),
      })),
    ),
  );
  const top = kinds.flatMap((kind) =>
    rows
      .filter(({ what, fen }) => what === names[kind] && fen > 0n)
      .sort((one, other) => (one.fen < other.fen ? 1 : one.fen > other.fen ? -1 : 0))
      .slice(0, topMax / kinds.length),
  );
  return table([
    ['paid most 付款最多', '', ''],
    ...top.map(({ who, what, fen }) => [who, what, grouped(fen)]),
  ]);
}

function counted(count: number, one: string, many = `${one}s`): readonly string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}
