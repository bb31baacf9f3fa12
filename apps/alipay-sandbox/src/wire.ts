import { randomUUID } from 'node:crypto';

import { realNowMs } from './clock.js';
import { answerBody, signText } from './protocol.js';
import type { MerchantKeys, Node, Params, Signing } from './protocol.js';

/** An answer as it goes out. */
export interface Written {
  readonly kind: 'body';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What goes back over the wire, or does not. */
export type Reply =
  Written | { readonly kind: 'hang'; readonly forMs: number } | { readonly kind: 'reset' };

/** A request as a protocol brings it, and how that protocol answers. */
export interface Wire {
  readonly appId: string | null;
  readonly method: string | null;
  /** The parameters as they came, for the log. */
  readonly bizText: string;
  /** Where the caller found this Alipay. */
  readonly origin: string;
  /** Real milliseconds at which the call came, however long it takes. */
  readonly cameAt: number;
  /** Without keys nothing is signed. */
  write(node: Node, keys: MerchantKeys | null, signing: Signing): Written;
}

/** What stands in front of Alipay's gateway says when nobody is behind it. */
export const BAD_GATEWAY: Written = {
  kind: 'body',
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>',
};

/** Protocol v2: every answer has status 200 and its signature in the body. */
export function v2Wire(params: Params, origin: string): Wire {
  const method = params['method'] ?? null;
  return {
    appId: params['app_id'] ?? null,
    method,
    bizText: params['biz_content'] ?? '',
    origin,
    cameAt: realNowMs(),
    write: (node, keys, signing) => ({
      kind: 'body',
      status: 200,
      headers: { 'content-type': 'text/html;charset=utf-8', trace_id: traceId() },
      body: answerBody(method ?? '', node, keys, signing),
    }),
  };
}

/** Protocol v3: errors by status and `code`, successes bare; the signature stands in headers. */
export function v3Wire(
  request: { appId: string | null; method: string; bizText: string },
  origin: string,
): Wire {
  return {
    ...request,
    origin,
    cameAt: realNowMs(),
    write(node, keys, signing) {
      const failed = node['code'] !== '10000';
      const body = JSON.stringify(failed ? failureOf(node) : contentOf(node));
      const status = failed ? statusOf(node) : 200;
      const plain = {
        'content-type': 'application/json;charset=UTF-8',
        'alipay-trace-id': traceId(),
      };
      if (keys === null) return { kind: 'body', status, headers: plain, body };
      return { kind: 'body', status, headers: { ...plain, ...signed(body, keys, signing) }, body };
    },
  };
}

function signed(body: string, keys: MerchantKeys, signing: Signing): Record<string, string> {
  const timestamp = String(realNowMs());
  const nonce = randomUUID();
  const text = `${timestamp}\n${nonce}\n${body}\n`;
  return {
    'alipay-timestamp': timestamp,
    'alipay-nonce': nonce,
    ...(keys.numbers === null ? {} : { 'alipay-sn': keys.numbers.alipay }),
    ...(signing === 'missing'
      ? {}
      : {
          'alipay-signature': signText(
            signing === 'right' ? text : `${text} `,
            keys.alipayPrivateKey,
          ),
        }),
  };
}

function contentOf(node: Node): Node {
  const { code: _code, msg: _msg, ...content } = node;
  return content;
}

function failureOf(node: Node): Node {
  const code = codeOf(node);
  const link = `https://open.alipay.com/api/errCheck?code=${encodeURIComponent(code)}`;
  return { code, message: node['sub_msg'] ?? '', links: [{ link, desc: '解决方案' }] };
}

/** The sub-code of v2, without what names the gateway's part in it. */
function codeOf(node: Node): string {
  const subCode = node['sub_code'];
  return typeof subCode === 'string' ? subCode.replace(/^(isv|aop|isp)\./, '') : 'unknow-error';
}

const STATUSES: Readonly<Record<string, number>> = {
  '20000': 500,
  '20001': 401,
  '40005': 429,
  '40006': 403,
};

function statusOf(node: Node): number {
  if (/(^|\.)SYSTEM_ERROR$/.test(codeOf(node))) return 500;
  return STATUSES[typeof node['code'] === 'string' ? node['code'] : ''] ?? 400;
}

function traceId(): string {
  return randomUUID().replaceAll('-', '');
}
