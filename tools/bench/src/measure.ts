/** The middle and the ends of what the rounds gave. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What the product must reach against a baseline, or keep to, and what is aimed at. */
export interface Goal {
  readonly must: number;
  readonly aim: number;
}

/** How many times as fast as a baseline the product was, round by round. */
export interface Ratio extends Spread {
  /** Null for a baseline that is measured only to be looked at. */
  readonly must: number | null;
  readonly aim: number | null;
  /** Whether the median reaches `must`. */
  readonly ok: boolean;
}

/** A figure of the product's own that must not be above a bound: a duration nobody has a baseline for. */
export interface Limit extends Spread {
  readonly must: number;
  readonly aim: number;
  /** Whether the median is at most `must`. */
  readonly ok: boolean;
}

/** One line of a report: a measure of performance.md. */
export interface MeasureResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly product: Spread;
  readonly baselines: Readonly<Record<string, Spread>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
  readonly limits?: Readonly<Record<string, Limit>>;
  readonly note: string;
}

/** One of those that take turns. `run` gives the figure of one round. */
export interface Contender {
  readonly name: string;
  run(round: number): Promise<number>;
}

/** What is measured, and against whom. */
export interface Contest {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Whether a greater figure is the better one (a rate) or a smaller (a duration). */
  readonly better: 'greater' | 'smaller';
  readonly rounds: number;
  readonly product: Contender;
  readonly baselines: readonly (Contender & { readonly goal: Goal | null })[];
  readonly say: (line: string) => void;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** Compares figures with the bound that they must keep. */
export function limitOf(values: readonly number[], { must, aim }: Goal): Limit {
  const spread = roundedSpread(spreadOf(values));
  return { ...spread, must, aim, ok: spread.median <= must };
}

/**
 * Lets product and baselines take turns, A B C A B C, and compares them round by round, so that what
 * the machine does besides befalls all of them.
 */
export async function compete(contest: Contest, note: () => string): Promise<MeasureResult> {
  const { id, title, unit, better, rounds, product, baselines, say } = contest;
  const figures = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    const told: string[] = [];
    for (const contender of [product, ...baselines]) {
      const figure = await contender.run(round);
      figures.set(contender.name, [...(figures.get(contender.name) ?? []), figure]);
      told.push(`${contender.name} ${rounded(figure)}`);
    }
    say(`${id} round ${round + 1} of ${rounds} (${unit}): ${told.join(', ')}`);
  }
  const ours = figures.get(product.name) ?? [];
  const result = { baselines: {} as Record<string, Spread>, ratios: {} as Record<string, Ratio> };
  for (const { name, goal } of baselines) {
    const theirs = figures.get(name) ?? [];
    const ratios = ours.map((our, round) => {
      const their = theirs[round] ?? Number.NaN;
      return better === 'greater' ? our / their : their / our;
    });
    const spread = spreadOf(ratios);
    result.baselines[name] = roundedSpread(spreadOf(theirs));
    result.ratios[name] = {
      ...roundedSpread(spread),
      must: goal?.must ?? null,
      aim: goal?.aim ?? null,
      ok: goal === null || spread.median >= goal.must,
    };
  }
  return { id, title, unit, product: roundedSpread(spreadOf(ours)), ...result, note: note() };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function roundedSpread({ median, min, max }: Spread): Spread {
  return { median: rounded(median), min: rounded(min), max: rounded(max) };
}
