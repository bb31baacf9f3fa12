import { amountOrNothing, callAlipay, classify, isPayeeFault, textIn } from '@qingfen/alipay';
import type { AlipayConnection, NoAnswer, QueryAnswer } from '@qingfen/alipay';

import { BATCH_ITEMS_MAX, BATCH_WAY } from './batch-request.js';

export const BATCH_STATUSES = [
  'INIT',
  'WAIT_PAY',
  'DEALING',
  'SUCCESS',
  'PART_SUCCESS',
  'FAIL',
  'DISUSE',
  'INVALID',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** One payment of a batch: its answer is evidence for or against that payment alone. */
export interface AskedItem {
  readonly outBizNo: string;
  readonly answer: QueryAnswer;
}

/** What Alipay knows of a batch. */
export type BatchAnswer =
  | {
      readonly kind: 'found';
      readonly status: BatchStatus;
      readonly batchTransId: string;
      /** Every detail, in Alipay's order. PART_SUCCESS can still have open ones. */
      readonly items: readonly AskedItem[];
    }
  | { readonly kind: 'not-found' }
  | NoAnswer;

const PAGE_SIZE = 500;
const PAGES_MAX = Math.ceil(BATCH_ITEMS_MAX / PAGE_SIZE);

type Page = Extract<BatchAnswer, { kind: 'found' }> & { readonly pages: number };

/** Asks for a batch and all its details. A page that says nothing makes all of it unanswered. */
export async function askBatch(
  connection: AlipayConnection,
  outBatchNo: string,
): Promise<BatchAnswer> {
  const first = await askPage(connection, outBatchNo, 1);
  if (first.kind !== 'found') return first;
  const items = [...first.items];
  for (let number = 2; number <= first.pages; number += 1) {
    const page = await askPage(connection, outBatchNo, number);
    if (page.kind !== 'found') return page;
    items.push(...page.items);
  }
  const { kind, status, batchTransId } = first;
  return { kind, status, batchTransId, items };
}

async function askPage(
  connection: AlipayConnection,
  outBatchNo: string,
  number: number,
): Promise<Page | Exclude<BatchAnswer, { kind: 'found' }>> {
  const question = { out_batch_no: outBatchNo, ...BATCH_WAY };
  const pageWish = { page_num: String(number), page_size: String(PAGE_SIZE) };
  const bizContent = { ...question, ...pageWish };
  const answer = await callAlipay(connection, 'alipay.fund.batch.detail.query', bizContent);
  const outcome = classify(answer);
  if (outcome.kind === 'accepted') return pageIn(outcome.node, outBatchNo);
  const isUnknown = outcome.kind === 'refused' && outcome.failure.subCode === 'ORDER_NOT_EXIST';
  return isUnknown ? { kind: 'not-found' } : outcome;
}

function pageIn(node: Readonly<Record<string, unknown>>, outBatchNo: string): Page | NoAnswer {
  const told = textIn(node, 'batchStatus');
  const status = BATCH_STATUSES.find((known) => known === told);
  if (status === undefined)
    return unreadable(`a status that nobody knows: ${told ?? 'none'}`, false);
  const batchTransId = textIn(node, 'batchTransId');
  if (batchTransId === null || textIn(node, 'outBatchNo') !== outBatchNo) {
    return unreadable('the answer does not name our batch', true);
  }
  const pages = Number(textIn(node, 'totalPageCount') ?? '1');
  if (!Number.isInteger(pages) || pages > PAGES_MAX) {
    return unreadable('the answer has more pages than a batch', true);
  }
  const list: readonly unknown[] = Array.isArray(node['accDetailList'])
    ? node['accDetailList']
    : [];
  const items = list.map(itemIn);
  const whole = items.filter((item) => item !== undefined);
  if (whole.length !== items.length) return unreadable('a detail without a number', true);
  return { kind: 'found', status, batchTransId, items: whole, pages };
}

function itemIn(detail: unknown): AskedItem | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined;
  const node: Readonly<Record<string, unknown>> = { ...detail };
  const outBizNo = textIn(node, 'outBizNo');
  return outBizNo === null ? undefined : { outBizNo, answer: answerIn(node, outBizNo) };
}

/** SUCCESS, FAIL and DISUSE have ended; all others may still become anything. */
function answerIn(node: Readonly<Record<string, unknown>>, outBizNo: string): QueryAnswer {
  const status = textIn(node, 'status') ?? 'none';
  const amountText = textIn(node, 'transAmount');
  const amountMinor = amountText === null ? null : amountOrNothing(amountText);
  const evidence = { outBizNo, amountMinor, alipayOrderId: textIn(node, 'alipayOrderNo') };
  switch (status) {
    case 'SUCCESS': {
      const isBack = textIn(node, 'subStatus') === 'REFUNDED';
      return { kind: isBack ? 'returned' : 'success', evidence };
    }
    case 'FAIL':
    case 'DISUSE': {
      const subCode = textIn(node, 'errorCode');
      const message = textIn(node, 'errorMsg') ?? `the detail is ${status}`;
      const failure = { code: status, subCode, message };
      return { kind: 'ended', outBizNo, payeeFault: isPayeeFault(subCode), failure };
    }
    default: {
      const isKnown = ['INIT', 'APPLIED', 'WAIT_PAY', 'DEALED', 'UNKNOWN'].includes(status);
      return { kind: 'unclear', why: `the detail is ${status}`, isKnown };
    }
  }
}

function unreadable(why: string, isListed: boolean): NoAnswer {
  return { kind: 'unknown', why, isListed, isConflict: false, failure: null };
}
