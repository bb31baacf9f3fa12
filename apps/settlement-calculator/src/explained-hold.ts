import type { ExplainedHold } from '@qingfen/contracts';
import type { HoldRow } from './explained-hold.store.js';
import { said, type Said, type Shown } from './explanation-words.js';

export function holdView(hold: HoldRow, shown: Shown): ExplainedHold {
  return {
    reason: hold.reason,
    subject: { type: hold.subject_type, id: hold.subject_id },
    key: hold.hold_key,
    openedAt: shown(hold.opened_at),
    releasedAt: hold.released_at === null ? null : shown(hold.released_at),
    ...holdWords(hold),
  };
}

/** What holds, and what ends it. */
function holdWords(hold: HoldRow): Said {
  const { subject_id: id, hold_key: key, words, actor } = hold;
  const why = words === null || words === '' ? '' : `: ${words}`;
  switch (hold.reason) {
    case 'dispute':
      return said(
        `Dispute ${key} of order ${id} is open${why}; it ends with its resolution.`,
        `订单 ${id} 的争议 ${key} 未解决${why}; 解决后自动解除。`,
      );
    case 'refund-refused':
      return said(
        `Refund ${key} of order ${id} does not fit the order; an operator settles it and releases the order.`,
        `订单 ${id} 的退款 ${key} 与订单不符, 需人工处理后解除暂缓。`,
      );
    case 'payee-account':
      return said(
        `Alipay could not pay the payee's account (payout ${key}); another account, or mended, ends it.`,
        `支付宝无法向该收款账号付款 (付款 ${key}), 更换账号或确认恢复后解除。`,
      );
    case 'operator':
      return operatorWords(hold, actor, why);
    case 'condition':
      return said(`A condition of the plan is not met.`, `未满足规则的结算条件。`);
    default: {
      const never: never = hold.reason;
      return never;
    }
  }
}

function operatorWords(hold: HoldRow, actor: string | null, why: string): Said {
  const { subject_type: type, subject_id: id, hold_key: key } = hold;
  if (type === 'entry') {
    return said(
      `Alipay refused the request of payout ${key}; somebody looks at it and releases the payee or retries.`,
      `支付宝拒绝了付款 ${key} 的请求, 需人工核查后解除或重试。`,
    );
  }
  const by = actor === null ? '' : ` by ${actor}`;
  const byZh = actor === null ? '' : `由 ${actor} `;
  const [name, nameZh] = subjectWords[type];
  return said(
    `${name} ${id} held${by}${why}; release ends it.`,
    `${nameZh} ${id} 已${byZh}人工暂缓${why}; 解除后恢复。`,
  );
}

const subjectWords = {
  payee: ['Payee', '收款方'],
  order: ['Order', '订单'],
  run: ['Runs of', '批次'],
} as const;
