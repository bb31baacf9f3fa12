import { fenOf, type SandboxTransfer, yuanOf } from '@qingfen/testing';
import { payeesOf, shops } from './cast.js';
import { type Comparison, sumOf } from './compare.js';
import { type DemoKind, type Expected, keyOf } from './expected.js';
import type { Week } from './live.js';

const kinds: readonly DemoKind[] = ['supplier', 'commission'];
const topMax = 8;
const differencesShown = 20;

/** One line of a week: what came in and what went out of Alipay's book. */
export function weekLine(
  week: Week,
  { expected, moved }: { readonly expected: Expected; readonly moved: readonly SandboxTransfer[] },
): string {
  const kindOf = new Map(expected.transfers.map(({ outBizNo, kind }) => [outBizNo, kind]));
  const paid = (kind: DemoKind): bigint =>
    sumOf(
      moved
        .filter(({ outBizNo, status }) => status === 'SUCCESS' && kindOf.get(outBizNo) === kind)
        .map(({ amount }) => ({ fen: fenOf(amount) })),
    );
  return (
    `week ${week.number}, ${week.from} to ${week.to}: ${String(week.orders).padStart(3)} orders; ` +
    `paid ${grouped(paid('supplier'))} to suppliers and ${grouped(paid('commission'))} ` +
    `in commissions, ${moved.length} transfers`
  );
}

/** What was owed and paid, by kind and to whom most. */
export function summary(expected: Expected): readonly string[] {
  const lines = ['', `${''.padEnd(16)}${columns(['owed', 'paid', 'not due yet'])}`];
  let [allOwed, allPaid] = [0n, 0n];
  for (const kind of kinds) {
    const owed = sumOfKind(expected.owed, kind);
    const paid = sumOfKind(expected.paid, kind);
    allOwed += owed;
    allPaid += paid;
    lines.push(`${kind.padEnd(16)}${columns([owed, paid, owed - paid].map(grouped))}`);
  }
  const fee = sum(expected.feeOf.values());
  lines.push(
    `${'platform fee'.padEnd(16)}${columns([grouped(fee), 'kept', ''])}`.trimEnd(),
    `${'together'.padEnd(16)}${columns([grouped(allOwed + fee), grouped(allPaid), ''])}`.trimEnd(),
    `${'paid by buyers'.padEnd(16)}${columns([grouped(sum(expected.baseOf.values())), '', ''])}`.trimEnd(),
    ...['', 'paid most'],
    ...topPayees(expected),
  );
  return lines;
}

function topPayees(expected: Expected): readonly string[] {
  return shops
    .flatMap((shop) =>
      payeesOf(shop).flatMap(({ payeeId, name }) =>
        kinds.map((kind) => ({
          who: `${payeeId} ${name} (${shop.shopId}, ${kind})`,
          fen: expected.paid.get(keyOf(shop.shopId, kind, payeeId)) ?? 0n,
        })),
      ),
    )
    .sort((one, other) => (one.fen < other.fen ? 1 : one.fen > other.fen ? -1 : 0))
    .slice(0, topMax)
    .map(({ who, fen }) => `${grouped(fen).padStart(14)}  ${who}`);
}

/** What was compared, and what differs. */
export function verdict(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ what, figures, differences }) => {
    const head =
      differences.length === 0
        ? `${what}: ${figures} figures, all as computed apart, to the fen`
        : `${what}: ${differences.length} of ${figures} figures differ`;
    const more = differences.length - differencesShown;
    return [
      head,
      ...differences.slice(0, differencesShown).map((difference) => `  ${difference}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  });
}

function columns(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(15)).join('');
}

function sumOfKind(sums: ReadonlyMap<string, bigint>, kind: DemoKind): bigint {
  return sum([...sums].filter(([key]) => key.includes(`|${kind}|`)).map(([, fen]) => fen));
}

function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Yuan with commas between thousands, for people. */
function grouped(fen: bigint): string {
  return yuanOf(fen).replace(/\B(?=(\d{3})+(?=\.))/g, ',');
}
