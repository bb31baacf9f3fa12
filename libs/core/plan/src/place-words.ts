/** A place of a plan as people call it, in both languages; empty for the plan as a whole. */
export interface PlaceWords {
  readonly en: string;
  readonly zh: string;
}

/** What the settings of a plan are called. */
const SETTINGS: Readonly<Record<string, PlaceWords>> = {
  currency: { en: 'currency', zh: '币种' },
  rounding: { en: 'rounding', zh: '舍入方式' },
  returnWindowDays: { en: 'return window', zh: '退货期' },
  platformFee: { en: 'platform fee', zh: '平台服务费' },
  commission: { en: 'commission', zh: '分销佣金' },
  supplier: { en: 'supplier', zh: '供应商货款' },
  teamReward: { en: 'team reward', zh: '团队奖励金' },
  conditions: { en: 'conditions', zh: '结算条件' },
  levels: { en: 'levels', zh: '各级分成' },
  tiers: { en: 'tiers', zh: '阶梯' },
  basis: { en: 'basis', zh: '计算基数' },
  selfPurchase: { en: 'self-purchase', zh: '自购' },
  cycle: { en: 'cycle', zh: '结算周期' },
  every: { en: 'how often', zh: '频率' },
  on: { en: 'day', zh: '日期' },
  at: { en: 'time', zh: '时间' },
  payeeCycles: { en: 'payees with another cycle', zh: '单独设置周期的收款方' },
  payees: { en: 'payees', zh: '收款方' },
  onHoliday: { en: 'on holidays', zh: '节假日处理' },
  calendar: { en: 'calendar', zh: '日历' },
  holidays: { en: 'holidays', zh: '节假日' },
  workdays: { en: 'working days', zh: '调休工作日' },
  minPayout: { en: 'least payout', zh: '最低付款金额' },
  payVia: { en: 'way of paying', zh: '付款方式' },
  delayDays: { en: 'delay', zh: '延迟天数' },
  method: { en: 'method', zh: '阶梯计算方式' },
  rate: { en: 'rate', zh: '比例' },
  fixed: { en: 'fixed amount', zh: '固定金额' },
  min: { en: 'least amount', zh: '下限' },
  max: { en: 'greatest amount', zh: '上限' },
  from: { en: 'begins at', zh: '起点' },
  by: { en: 'follows', zh: '依据' },
  for: { en: 'applies to', zh: '适用于' },
  when: { en: 'kind', zh: '类型' },
  atLeast: { en: 'order amount', zh: '订单金额' },
  task: { en: 'task', zh: '任务' },
};

/** What the words that settings may hold mean. */
const CHOICES: Readonly<Record<string, string>> = {
  'half-up': '四舍五入',
  'half-even': '四舍六入五成双',
  down: '舍去',
  cascade: '逐级递减',
  flat: '按扣除服务费后的金额',
  gross: '按商品行金额',
  allow: '允许',
  skip: '跳过',
  whole: '全额按所达档次',
  marginal: '分段累进',
  run: '照常执行',
  'next-business-day': '顺延至下一个工作日',
  transfer: '单笔转账',
  batch: '批量付款',
  royalty: '分账',
  'order-amount': '订单金额',
  'payee-task': '收款方完成任务',
  'payee-level': '收款方等级',
  'payee-month-volume': '收款方上月销售额',
  'payee-refund-rate': '收款方上月退款率',
  commission: '分销佣金',
  supplier: '供应商货款',
  'team-reward': '团队奖励金',
  monday: '周一',
  tuesday: '周二',
  wednesday: '周三',
  thursday: '周四',
  friday: '周五',
  saturday: '周六',
  sunday: '周日',
};

/** Words to choose from or settings there are, each with its meaning: `whole（全额按所达档次）`. */
export function glossed(words: readonly string[]): string {
  const meaning = (word: string): string | undefined => {
    if (Object.hasOwn(CHOICES, word)) return CHOICES[word];
    return Object.hasOwn(SETTINGS, word) ? SETTINGS[word]?.zh : undefined;
  };
  return words
    .map((word) => {
      const known = meaning(word);
      return known === undefined ? word : `${word}（${known}）`;
    })
    .join('、');
}

/** What one of a list is called. */
const ELEMENTS: Readonly<Record<string, (number: number) => PlaceWords>> = {
  levels: (number) => ({ en: `level ${number}`, zh: `第 ${number} 级` }),
  tiers: (number) => ({ en: `tier ${number}`, zh: `第 ${number} 档阶梯` }),
  conditions: (number) => ({ en: `condition ${number}`, zh: `第 ${number} 个条件` }),
  payeeCycles: (number) => ({ en: `group ${number}`, zh: `第 ${number} 组单独周期` }),
  payees: (number) => ({ en: `payee ${number}`, zh: `第 ${number} 个收款方` }),
  holidays: (number) => ({ en: `holiday ${number}`, zh: `第 ${number} 个节假日` }),
  workdays: (number) => ({ en: `working day ${number}`, zh: `第 ${number} 个调休工作日` }),
};

/**
 * Says in words what a JSON pointer into a plan points at: `/commission/levels/0/rate` is
 * "commission › level 1 › rate", 分销佣金 › 第 1 级 › 比例. Settings that no plan has are left out.
 */
export function placeWords(pointer: string): PlaceWords {
  const keys = pointer.split('/').slice(1);
  const words = keys.flatMap((key, index): PlaceWords[] => {
    const [before, next] = [keys[index - 1] ?? '', keys[index + 1] ?? ''];
    if (isIndex(key)) return Object.hasOwn(ELEMENTS, before) ? [elementOf(before, key)] : [];
    // "level 1" says enough: nobody needs "levels, level 1".
    if (!Object.hasOwn(SETTINGS, key) || (Object.hasOwn(ELEMENTS, key) && isIndex(next))) return [];
    const setting = SETTINGS[key];
    return setting === undefined ? [] : [setting];
  });
  return {
    en: words.map((word) => word.en).join(' › '),
    zh: words.map((word) => word.zh).join(' › '),
  };
}

function isIndex(key: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(key);
}

function elementOf(list: string, index: string): PlaceWords {
  const number = Number.parseInt(index, 10) + 1;
  return ELEMENTS[list]?.(number) ?? { en: '', zh: '' };
}
