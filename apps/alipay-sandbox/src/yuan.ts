import { AmountError, formatAmount, minor, parseAmount, parseSignedAmount } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

/** Fen of a yuan text such as `"12.30"`. @throws AmountError */
export function fen(text: string): Minor {
  return parseAmount(text, 'CNY');
}

/** Fen of a yuan text that may be negative. @throws AmountError */
export function signedFen(text: string): Minor {
  return parseSignedAmount(text, 'CNY');
}

/** Yuan with two decimals, as Alipay writes amounts. */
export function yuan(amountMinor: bigint): string {
  return formatAmount(minor(amountMinor), 'CNY');
}

/** Fen, or undefined when the text is no amount of yuan. */
export function fenOrNothing(text: string): Minor | undefined {
  try {
    return fen(text);
  } catch (error) {
    if (error instanceof AmountError) return undefined;
    throw error;
  }
}
