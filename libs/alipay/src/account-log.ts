import { classify, textIn } from './classify.js';
import { callAlipay, type AlipayConnection } from './connection.js';
import { amountOrNothing, type QueryAnswer } from './reader.js';

const LOG = 'alipay.data.bill.accountlog.query';
/** The least that Alipay lets a page have; one number has a line or two. */
const pageSize = '1000';

/** A movement of the balance under our number. */
interface Movement {
  readonly amountText: string;
  readonly alipayOrderId: string | null;
}

/**
 * Whether the merchant's account was debited under our number: a second witness for a payment of which the
 * query says nothing. Only a single debit speaks, for success; what is not there (yet: the log follows the
 * payments) or has come back too stays unclear. Source: alipay.md 8.3, 2026-11.
 */
export async function askAccountLog(
  connection: AlipayConnection,
  outBizNo: string,
): Promise<QueryAnswer> {
  const outcome = classify(
    await callAlipay(connection, LOG, {
      merchant_order_no: outBizNo,
      page_no: '1',
      page_size: pageSize,
    }),
  );
  if (outcome.kind !== 'accepted') {
    const why = outcome.kind === 'refused' ? (outcome.failure.subCode ?? '') : outcome.why;
    return unclear(`the account log does not answer: ${why}`);
  }
  const [debit, ...more] = movementsOf(outcome.node, outBizNo);
  if (debit === undefined) return unclear('the account log has no such number yet');
  const paid = debit.amountText.startsWith('-') ? amountOrNothing(debit.amountText.slice(1)) : null;
  if (more.length > 0 || paid === null) {
    return unclear('the account log has more than one debit of it');
  }
  const { alipayOrderId } = debit;
  return { kind: 'success', evidence: { outBizNo, amountMinor: paid, alipayOrderId } };
}

function movementsOf(node: Readonly<Record<string, unknown>>, outBizNo: string): Movement[] {
  const lines: unknown = node['detailList'];
  if (!Array.isArray(lines)) return []; // absent where there is none
  return lines.flatMap((line: unknown) => {
    if (typeof line !== 'object' || line === null) return [];
    const fields: Readonly<Record<string, unknown>> = { ...line };
    if (textIn(fields, 'merchantOrderNo') !== outBizNo) return [];
    const amountText = textIn(fields, 'transAmount') ?? '';
    return [{ amountText, alipayOrderId: textIn(fields, 'alipayOrderNo') }];
  });
}

function unclear(why: string): QueryAnswer {
  return { kind: 'unclear', why, isKnown: false };
}
