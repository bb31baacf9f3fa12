import iconv from 'iconv-lite';

import type { BatchRecord } from './batch-records.js';
import { batchStatus } from './batch-status.js';
import type { BizContent } from './checks.js';
import { beijingTime } from './clock.js';
import { textOf } from './fields.js';
import type { Merchant } from './money.js';
import type { SandboxState } from './state.js';
import type { Written } from './wire.js';

/**
 * What the payer's link shows. On the real page he confirms with his password; here
 * `POST /_sandbox/batches/:batchTransId/confirm` plays him.
 */
export function payPage(
  state: SandboxState,
  merchant: Merchant,
  biz: BizContent,
  at: number,
): Written {
  const batch = state.batches.byBatchTransId(textOf(biz, 'order_id'));
  if (batch?.record.appId !== merchant.terms.appId) return errorPage('ORDER_NOT_EXIST');
  if (batchStatus(batch, [], at) !== 'WAIT_PAY') return errorPage('ORDER_STATUS_INVALID');
  return page(lines(batch.record));
}

/** Pages tell errors as GBK HTML, always with status 200. */
export function errorPage(code: string): Written {
  return page([`错误码：${code}`]);
}

function lines({ batchTransId, title, details, total, expiresAt }: BatchRecord): string[] {
  return [
    `批量付款确认：${title}`,
    `批次号：${batchTransId}`,
    `共${details.length}笔，合计${total}元`,
    `请于${beijingTime(expiresAt)}前确认`,
    `POST /_sandbox/batches/${batchTransId}/confirm`,
  ];
}

function page(texts: readonly string[]): Written {
  const paragraphs = texts.map((text) => `<p>${escaped(text)}</p>`).join('\n');
  const html = `<!doctype html><html><head><meta charset="gbk"></head><body>\n${paragraphs}\n</body></html>`;
  return {
    kind: 'body',
    status: 200,
    headers: { 'content-type': 'text/html;charset=GBK' },
    body: iconv.encode(html, 'gbk'),
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
