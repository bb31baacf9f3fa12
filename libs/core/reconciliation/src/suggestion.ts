import type { Comparison, DifferenceClass } from './difference.js';

/** What to do about a difference, for whoever looks at it. */
export interface Suggestion {
  readonly text: string;
  readonly textZh: string;
}

const suggestions: Readonly<Record<DifferenceClass, Suggestion>> = {
  'missing-at-alipay': {
    text: 'Look the number up at Alipay. If it never moved, do not pay again by hand: adjust the payee.',
    textZh: '在支付宝查询该单号。若确未付款，请勿线下重付，用调整补给收款方。',
  },
  'missing-here': {
    text: 'Find out who moved this money; after a restore, record the payout before the stop is lifted.',
    textZh: '查明该笔资金由谁发起；若曾恢复备份，请先补记付款再解除急停。',
  },
  'unknown-transfer-out': {
    text: 'Somebody was paid by hand. Adjust the payee if it was owed, or explain it as the owner’s.',
    textZh: '有人线下付款。若属应付款，请对收款方做调整；否则说明为店主自用。',
  },
  'amount-differs': {
    text: 'Compare the stored request with the bill; adjust the payee by the difference.',
    textZh: '核对已存请求与账单，按差额调整收款方。',
  },
  'status-differs': {
    text: 'Ask Alipay about the payout (retry asks again, it does not pay again).',
    textZh: '就该付款向支付宝查询（重试只会查询，不会重复付款）。',
  },
  duplicate: {
    text: 'Ask Alipay and the payee for the second payment back; set the emergency stop meanwhile.',
    textZh: '向支付宝与收款方追回重复款项；期间请开启急停。',
  },
  'order-without-entries': {
    text: 'Bind the order to a plan version, or look for its dead letter.',
    textZh: '将订单绑定到规则版本，或检查其死信。',
  },
  'entries-do-not-add-up': {
    text: 'Look for a refused refund of the order; explain it with the replay of its entries.',
    textZh: '检查该订单是否有被拒绝的退款，并用重算说明其条目。',
  },
  'next-day': {
    text: 'Nothing: it clears by itself with the next bill.',
    textZh: '无需处理：下一日账单到达后自动消除。',
  },
};

/** Of an order and the order system's own export the same classes want other things to be done. */
const ofExports: Readonly<Partial<Record<DifferenceClass, Suggestion>>> = {
  'missing-here': {
    text: 'Have the order system publish the order (look for its dead letter); nobody is owed for it yet.',
    textZh: '请订单系统发布该订单（并检查死信）；目前尚未为其计算应结。',
  },
  'status-differs': {
    text: 'Ask the order system whether the order exists and is completed; hold it until that is clear.',
    textZh: '向订单系统核实该订单是否存在且已完成；核实前请暂缓该订单。',
  },
  'amount-differs': {
    text: 'Compare the order’s lines and refunds on both sides; publish what is missing, adjust the rest.',
    textZh: '逐行核对双方的订单与退款；补发遗漏的消息，其余用调整处理。',
  },
};

/** Of orders and what buyers paid for them at Alipay. */
const ofTrades: Readonly<Partial<Record<DifferenceClass, Suggestion>>> = {
  'missing-at-alipay': {
    text: 'Look the trade up at Alipay: was it paid, and to this account? Hold the order until that is clear.',
    textZh: '在支付宝查询该交易：是否已付款、是否付至本账户；核实前请暂缓该订单。',
  },
  'missing-here': {
    text: 'Ask the order system what was sold for this payment: completed orders are published, others refunded.',
    textZh: '向订单系统核实该笔收款对应的订单：已完成的请补发消息，其余请退款。',
  },
  'amount-differs': {
    text: 'Compare payment and refunds with the order’s; publish or make the missing refund, or wait for another order of the trade.',
    textZh: '核对收款与退款是否与订单一致；补发或补做遗漏的退款；合并支付的其他订单可能尚未完成。',
  },
};

const ofComparison: Readonly<Partial<Record<Comparison, typeof ofExports>>> = {
  exports: ofExports,
  trades: ofTrades,
};

/** What to do about a difference of a class. */
export function suggestionFor(
  differenceClass: DifferenceClass,
  comparison: Comparison,
): Suggestion {
  return ofComparison[comparison]?.[differenceClass] ?? suggestions[differenceClass];
}

/** Whole days since a difference was opened. */
export function ageInDays(openedAt: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - openedAt.getTime()) / 86_400_000));
}

/** How much a difference matters: money that has left counts most. */
export function severityOf(
  differenceClass: DifferenceClass,
  comparison: Comparison,
): 'info' | 'warning' | 'critical' {
  // An order that was never told has nobody paid for it yet; the others may have somebody paid wrongly.
  if (comparison === 'exports') return differenceClass === 'missing-here' ? 'warning' : 'critical';
  // What came and is not claimed is there; what never came may be paid out to others.
  const isThere = differenceClass === 'missing-here' || differenceClass === 'amount-differs';
  if (comparison === 'trades' && isThere) return 'warning';
  if (comparison === 'trades' && differenceClass === 'missing-at-alipay') return 'critical';
  switch (differenceClass) {
    case 'next-day':
      return 'info';
    case 'duplicate':
    case 'missing-here':
    case 'unknown-transfer-out':
    case 'amount-differs':
      return 'critical';
    case 'missing-at-alipay':
    case 'status-differs':
    case 'order-without-entries':
    case 'entries-do-not-add-up':
      return 'warning';
    default: {
      const never: never = differenceClass;
      return never;
    }
  }
}
