import { Big } from 'big.js';

/** Tiers as a person writes them, in yuan. */
export type ReferenceTiers = readonly { readonly from: string; readonly rate: string }[];

/** One statement, or what came back of one, in yuan. */
export interface ReferenceStep {
  readonly gross: string;
  readonly withheld: string;
}

/**
 * The tax on a sum: at each tier the rate rises or falls by so much for all that lies above it. Rounded
 * half up to the fen.
 */
export function referenceTax(tiers: ReferenceTiers, gross: Big): Big {
  let tax = new Big(0);
  let last = new Big(0);
  for (const { from, rate } of tiers) {
    const above = gross.minus(from);
    if (above.gt(0)) tax = tax.plus(above.times(new Big(rate).minus(last)));
    last = new Big(rate);
  }
  return tax.round(2, Big.roundHalfUp);
}

/** What is withheld of a statement, from the list of what was stated before and still stands. */
export function referenceWithheld(
  tiers: ReferenceTiers,
  gross: string,
  before: readonly ReferenceStep[],
): Big {
  const sum = before.reduce((total, step) => total.plus(step.gross), new Big(gross));
  const already = before.reduce((total, step) => total.plus(step.withheld), new Big(0));
  const due = referenceTax(tiers, sum).minus(already);
  if (due.lt(0)) return new Big(0);
  return due.gt(gross) ? new Big(gross) : due;
}
