import type { Payout } from '@qingfen/contracts';
import { said, type Said } from './explanation-words.js';

type State = Payout['state'];

const waits: Readonly<Record<string, Said>> = {
  stop: said(
    'an emergency stop is set; it goes on when that is lifted',
    '已设置紧急停止, 解除后自动继续',
  ),
  funds: said(
    "the balance of the shop's Alipay account does not cover it; it goes on, oldest first, when it does",
    '店铺支付宝余额不足, 充足后按先后顺序自动继续',
  ),
  limit: said(
    'a daily limit, of the shop or of Alipay, is reached; it goes on with the next day',
    '达到店铺或支付宝的每日限额, 次日自动继续',
  ),
  payee: said(
    'the payee has no Alipay account; it goes on when there is one',
    '收款方没有支付宝账号, 登记后自动继续',
  ),
  confirmation: said('the payer has to confirm it in Alipay', '需要付款方在支付宝确认'),
  'cooling-off': said(
    'the account was changed lately; it goes on when the cooling-off time is over',
    '收款账号近期变更, 冷静期结束后自动继续',
  ),
  credentials: said(
    'the shop has no working Alipay credentials; it is looked at every hour',
    '店铺支付宝密钥不可用, 每小时检查一次',
  ),
  rate: said(
    "Alipay's rate limit is reached; it goes on within minutes",
    '达到支付宝频率限制, 数分钟内自动继续',
  ),
};

const doubts: Readonly<Record<string, Said>> = {
  'block-list': said('the payee is on the block list', '收款方在黑名单中'),
  'per-payout': said('its amount is above the limit of one payout', '金额超过单笔限额'),
  frequency: said('the payee was paid unusually often lately', '近期向该收款方付款过于频繁'),
  'same-account': said('other payees have the same account', '其他收款方使用同一账号'),
  debt: said('the payee owes more than is unstated since', '开具结算单后收款方出现欠款'),
  hold: said('an order of its statement is held since', '开具结算单后其中的订单被暂缓'),
  unproven: said('the ledger does not know this instruction', '账簿中没有这笔付款指令'),
  currency: said('there is no way to pay its currency', '该币种暂无付款方式'),
  'merchant-changed': said('its number belongs to another merchant', '其单号属于另一商户'),
  unsendable: said('Alipay would refuse its form', '其内容不符合支付宝要求'),
};

/** Where a payout is and why, and what happens next. */
export function payoutWords(
  payout: Pick<Payout, 'state' | 'reason' | 'failure' | 'outBizNo' | 'alipayOrderId'>,
): Said {
  const { state, reason, failure, outBizNo, alipayOrderId } = payout;
  switch (state) {
    case 'requested':
      return said('It is about to be sent to Alipay.', '即将发往支付宝。');
    case 'sending':
      return said('It is being sent to Alipay.', '正在发往支付宝。');
    case 'waiting': {
      const why = waits[reason ?? ''] ?? said(reason ?? '', reason ?? '');
      return said(`It waits: ${why.message}.`, `等待中: ${why.messageZh}。`);
    }
    case 'review':
    case 'blocked': {
      const why = doubtWords(reason ?? '');
      return state === 'review'
        ? said(`A person decides: ${why.message}.`, `等待人工审核: ${why.messageZh}。`)
        : said(`It is blocked: ${why.message}.`, `已拦截: ${why.messageZh}。`);
    }
    case 'unknown':
      return said(
        `Nobody knows yet whether the money moved; Alipay is asked about ${outBizNo} until it says so. Never pay it by hand.`,
        `结果未知, 将持续向支付宝查询单号 ${outBizNo}, 直至确认。切勿人工付款。`,
      );
    case 'succeeded':
      return said(
        `It is paid; Alipay's order is ${alipayOrderId ?? 'not told'}.`,
        `已支付, 支付宝单号 ${alipayOrderId ?? '未返回'}。`,
      );
    case 'failed': {
      const code = failure?.subCode ?? failure?.code ?? reason ?? '';
      const detail = failure === null ? code : `${code}: ${failure.message}`;
      return said(
        `Alipay refused it (${detail}); the amount is owed to the payee again.`,
        `支付宝拒绝 (${detail}), 金额已退回待结算。`,
      );
    }
    case 'cancelled':
      return said(
        'It was cancelled before it was sent; the amount is owed to the payee again.',
        '发送前已取消, 金额已退回待结算。',
      );
    case 'returned':
      return said(
        'It was paid and came back; the amount is owed to the payee again.',
        '支付后被退回, 金额已退回待结算。',
      );
    default: {
      const never: never = state;
      return never;
    }
  }
}

/** A payout that the ledger has asked for, and payout has not heard of. */
export const notHeardOf = said(
  'It is asked for, and payout has not heard of it yet.',
  '已提出付款请求, 付款服务尚未收到。',
);

const stateNames: Readonly<Record<State, Said>> = {
  requested: said('requested', '已请求'),
  review: said('in review', '待审核'),
  blocked: said('blocked', '已拦截'),
  waiting: said('waiting', '等待'),
  sending: said('sending', '发送中'),
  unknown: said('unknown', '结果未知'),
  succeeded: said('paid', '已支付'),
  failed: said('failed', '失败'),
  cancelled: said('cancelled', '已取消'),
  returned: said('returned', '已退回'),
};

/** One step of a payout's life. */
export function transitionWords({ to, why, by }: Payout['transitions'][number]): Said {
  const name = stateNames[to];
  return said(`${name.message}: ${why} (${by})`, `${name.messageZh}: ${why} (${by})`);
}

/** A review's reason begins with its doubt; the words follow a colon. */
function doubtWords(reason: string): Said {
  const doubt = reason.split(':')[0] ?? '';
  return doubts[doubt] ?? said(reason, reason);
}
