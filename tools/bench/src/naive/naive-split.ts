import { Big } from 'big.js';

/** Who gets what of a line, as decimal texts. */
export interface NaiveSplit {
  readonly fee: string;
  readonly levels: readonly {
    readonly level: number;
    readonly payeeId: string;
    readonly owed: string;
  }[];
  readonly supplier: string;
}

/** The terms that this reference knows: a plain fee rate and plain rates of a cascade. */
export interface NaiveTerms {
  readonly platformFee: { readonly rate: string };
  readonly commission: { readonly levels: readonly { readonly rate: string }[] };
}

/** Splits a line as a careful developer writes it with big.js, for these terms and no others. */
export function splitNaively(
  line: { readonly amount: string; readonly subsidy?: string; readonly kind?: string },
  distributors: readonly (string | null)[],
  terms: NaiveTerms,
): NaiveSplit {
  const base = new Big(line.amount).plus(line.subsidy ?? 0);
  if (line.kind === 'shipping') return { fee: '0.00', levels: [], supplier: base.toFixed(2) };
  const exactFee = base.times(terms.platformFee.rate);
  const fee = exactFee.round(2, Big.roundHalfUp);
  let rest = base.minus(exactFee);
  let left = base.minus(fee);
  const levels: { level: number; payeeId: string; owed: string }[] = [];
  terms.commission.levels.forEach(({ rate }, index) => {
    const payeeId = distributors[index];
    if (payeeId === undefined || payeeId === null) return;
    const share = rest.times(rate);
    rest = rest.minus(share);
    const rounded = share.round(2, Big.roundHalfUp);
    const owed = rounded.gt(left) ? left : rounded;
    left = left.minus(owed);
    levels.push({ level: index + 1, payeeId, owed: owed.toFixed(2) });
  });
  return { fee: fee.toFixed(2), levels, supplier: left.toFixed(2) };
}
