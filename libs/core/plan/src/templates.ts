/** A named starting document (domain.md 2.4): copied, edited, simulated and published like any plan. */
export interface PlanTemplate {
  readonly templateId: string;
  readonly name: string;
  readonly nameZh: string;
  readonly explanation: string;
  readonly explanationZh: string;
  /** Everything is written out, so that nothing has to be known to change it. */
  readonly plan: Readonly<Record<string, unknown>>;
}

const BASICS = { currency: 'CNY', rounding: 'half-up', returnWindowDays: 7 } as const;
const FEE = { rate: '0.10', min: '0.00', max: '999999.00' } as const;
const PAYING = { minPayout: '0.10', payVia: 'transfer' } as const;

/** Paid on Mondays what was received at least 7 days before (R-SUP-1). */
const SUPPLIER = {
  delayDays: 7,
  cycle: { every: 'week', on: 'monday', at: '02:00' },
  ...PAYING,
} as const;

/** Paid every night what left its return window the day before (R-COM-1, R-COM-2). */
const COMMISSION = {
  basis: 'cascade',
  levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }],
  selfPurchase: 'allow',
  cycle: { every: 'day', at: '02:00' },
  ...PAYING,
} as const;

/** Reckoned on the last day of the month (R-TEA-1). */
const TEAM_REWARD = {
  method: 'whole',
  tiers: [
    { from: '0.00', rate: '0' },
    { from: '10000.00', rate: '0.01' },
    { from: '50000.00', rate: '0.02', fixed: '100.00' },
  ],
  cycle: { every: 'month', on: 'last-day', at: '23:30' },
  ...PAYING,
} as const;

/** The templates shipped with the product, the simplest first. */
export const planTemplates: readonly PlanTemplate[] = [
  {
    templateId: 'supplier-payment',
    name: 'Payment of suppliers',
    nameZh: '供应商货款结算',
    explanation:
      'The platform keeps a fee of 10% of each line; the rest is its supplier’s, 7 days after the buyer confirmed receipt, paid on Mondays.',
    explanationZh:
      '平台按每个商品行收取 10% 的服务费，其余归供应商所有；买家确认收货满 7 天后，每周一统一付款。',
    plan: { ...BASICS, platformFee: FEE, supplier: SUPPLIER, conditions: [] },
  },
  {
    templateId: 'distribution-commission',
    name: 'Commission of distributors',
    nameZh: '分销佣金结算',
    explanation:
      'A shop that sells its own goods: after the fee of 10%, three levels of distributors get 30%, 20% and 10%, each of what the levels before left, every night for what passed its return window of 7 days; the shop keeps the rest.',
    explanationZh:
      '适用于自营商品的店铺：扣除 10% 的平台服务费后，三级分销商依次获得剩余金额的 30%、20%、10%；过 7 天退货期后，每日凌晨结算；其余归店铺所有。',
    plan: { ...BASICS, platformFee: FEE, commission: COMMISSION, conditions: [] },
  },
  {
    templateId: 'team-reward',
    name: 'Reward of teams',
    nameZh: '团队奖励金结算',
    explanation:
      'On the last day of each month a team’s sales of the month reach a tier: nothing below 10,000.00, 1% from there on, and from 50,000.00 on 2% and 100.00 besides. It is paid to the team’s leader out of the platform’s own revenue.',
    explanationZh:
      '每月最后一天按团队当月业绩所达档次计算奖励：不足 10,000.00 元无奖励，达到 10,000.00 元按 1%，达到 50,000.00 元按 2% 另加 100.00 元；由平台收入承担，付给团长。',
    plan: { ...BASICS, platformFee: FEE, teamReward: TEAM_REWARD, conditions: [] },
  },
  {
    templateId: 'suppliers-distributors-teams',
    name: 'Suppliers, distributors and teams',
    nameZh: '供应商、分销与团队综合结算',
    explanation:
      'The three together: fee 10%, then three levels of distributors, the rest to the supplier, and a monthly reward of teams.',
    explanationZh:
      '以上三者合一：先扣除 10% 的平台服务费，再结算三级分销佣金，其余归供应商；团队奖励金每月结算。',
    plan: {
      ...BASICS,
      platformFee: FEE,
      commission: COMMISSION,
      supplier: SUPPLIER,
      teamReward: TEAM_REWARD,
      conditions: [],
    },
  },
];
