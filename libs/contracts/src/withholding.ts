import { kind, list, oneOf, plainAmount, rate, record, strictRecord, text } from './fields.js';

const tierFields = { from: plainAmount, rate };
const fields = {
  /** Whose sums are taxed: of the month or year in the shop's time zone, by when statements were issued. */
  period: oneOf(['month', 'year']),
  /** What is taxed, all of it together. */
  kinds: list(kind, 3, 1),
  /** Payees of these account types, capitals or not; absent: "personal". Who has no type counts as that. */
  accountTypes: list(text(64), 10, 1).optional(),
};

/** How a shop withholds tax (代扣代缴), as it is set. */
export const withholdingBody = strictRecord({
  ...fields,
  /** Marginal: each rate is that of the part of the sum from its `from` to the next. */
  tiers: list(strictRecord(tierFields), 100, 1),
});

/** How a shop withholds tax, as it is told. */
export const withholding = record({ ...fields, tiers: list(record(tierFields), 100, 1) });
