/** Yuan text to fen: "128.50" is 12850n. The one conversion that tests use; exact. */
export function fenOf(yuan: string): bigint {
  const match = /^(-?)([0-9]+)(?:\.([0-9]{1,2}))?$/.exec(yuan);
  if (match === null) throw new Error(`${yuan} is no amount in yuan`);
  const [, sign, whole = '0', part = ''] = match;
  const fen = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'));
  return sign === '-' ? -fen : fen;
}

/** Fen to yuan text with both digits: 12850n is "128.50". */
export function yuanOf(fen: bigint): string {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${fen < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Σ of amounts in yuan text, in fen. */
export function sumFen(amounts: Iterable<string>): bigint {
  let total = 0n;
  for (const amount of amounts) total += fenOf(amount);
  return total;
}
