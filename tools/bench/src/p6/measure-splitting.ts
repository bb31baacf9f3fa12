import { readPlan, type Plan } from '@qingfen/core-plan';
import { splitLine as split } from '@qingfen/core-settlement';
import { minor, parseAmount, type Minor } from '@qingfen/money';
import { splitLine as referenceSplit } from '@qingfen/testing';
import type { MeasureContext } from '../context.js';
import { compete, type Contender, type MeasureResult } from '../measure.js';
import { splitNaively } from '../naive/naive-split.js';
import { makeOrders, plan as document, usualLines, type Order } from '../orders.js';

const orders = 7_000;
const turns = 3;

interface Line {
  readonly item: Order['items'][number];
  readonly baseMinor: Minor;
  readonly distributors: Order['distributors'];
}

/** P6: microseconds to split one line, from what a caller has to what it books. */
export async function measureSplitting(context: MeasureContext): Promise<MeasureResult> {
  const { seed, until, rounds, say } = context;
  const plan = parsedPlan();
  const lines = linesOf(makeOrders({ seed, until, count: orders, linesOfHundred: usualLines }));
  for (const line of lines) agree(line, plan);
  const product = timed('product', lines, ({ item, baseMinor, distributors }) => {
    const line = { baseMinor, paidMinor: baseMinor, kind: item.kind ?? 'goods' };
    split(line, { distributors, orderPaidMinor: baseMinor }, plan);
  });
  const reference = timed('big.js reference', lines, ({ item, distributors }) => {
    referenceSplit(document, item, distributors);
  });
  const naive = timed('big.js, this plan alone', lines, ({ item, distributors }) => {
    splitNaively(item, distributors, document);
  });
  for (const contender of [product, reference, naive]) await contender.run(0);
  return compete(
    {
      id: 'P6',
      title: 'splitting one line: 3 levels, fee, supplier',
      unit: 'µs',
      better: 'smaller',
      rounds,
      product,
      baselines: [
        { ...reference, goal: { must: 8, aim: 15 } },
        { ...naive, goal: null },
      ],
      say,
    },
    () => `${lines.length} lines, ${turns} turns a round; all three agree on every line`,
  );
}

function parsedPlan(): Plan {
  const reading = readPlan(document, { levelsMax: 10 });
  if (reading.kind === 'refused') throw new Error('the plan of the bench is refused');
  return reading.plan;
}

function linesOf(all: readonly Order[]): Line[] {
  return all.flatMap(({ items, distributors }) =>
    items.map((item) => {
      const subsidyMinor = parseAmount(item.subsidy ?? '0', 'CNY');
      const baseMinor = minor(parseAmount(item.amount, 'CNY') + subsidyMinor);
      return { item, baseMinor, distributors };
    }),
  );
}

/** A figure of a split that differs from the reference's is void. */
function agree({ item, baseMinor, distributors }: Line, plan: Plan): void {
  const line = { baseMinor, paidMinor: baseMinor, kind: item.kind ?? 'goods' };
  const ours = split(line, { distributors, orderPaidMinor: baseMinor }, plan);
  const theirs = referenceSplit(document, item, distributors);
  const naive = splitNaively(item, distributors, document);
  const texts = [
    [ours.feeMinor, ...ours.levels.map(({ owedMinor }) => owedMinor), ours.supplierMinor],
    [
      theirs.feeMinor,
      ...theirs.commissions.map(({ owedMinor }) => owedMinor),
      theirs.supplierMinor,
    ],
    [naive.fee, ...naive.levels.map(({ owed }) => owed), naive.supplier].map((amount) =>
      parseAmount(amount, 'CNY'),
    ),
  ].map((amounts) => amounts.join(' '));
  if (new Set(texts).size !== 1) throw new Error(`P6: splits differ: ${texts.join(' | ')}`);
}

function timed(name: string, lines: readonly Line[], work: (line: Line) => void): Contender {
  return {
    name,
    run: () => {
      const startedAt = performance.now();
      for (let turn = 0; turn < turns; turn += 1) for (const line of lines) work(line);
      const microseconds = (performance.now() - startedAt) * 1_000;
      return Promise.resolve(microseconds / (lines.length * turns));
    },
  };
}
