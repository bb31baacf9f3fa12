import type { ReferencePlan } from '@qingfen/testing';

/** A payee of the demo and the Alipay account it has at the beginning. */
export interface CastPayee {
  readonly payeeId: string;
  readonly name: string;
  readonly roles: readonly ('supplier' | 'distributor' | 'team-leader')[];
  /** The team that a leader leads. */
  readonly teamId?: string;
  readonly identity: string;
}

/** A shop of the demo. */
export interface CastShop {
  readonly shopId: string;
  readonly appId: string;
  readonly name: string;
  /** What its Alipay balance is at the beginning, in yuan: enough for six weeks. */
  readonly balance: string;
  /** The most that one transfer moves, in yuan. */
  readonly transferMax: string;
  readonly plan: ReferencePlan;
  /** Version 2, published on an evening; orders paid from a later midnight on go by it. */
  readonly later?: {
    readonly plan: ReferencePlan;
    readonly publishedOnDay: number;
    readonly fromDay: number;
  };
  readonly suppliers: readonly CastPayee[];
  /** Chains of who brought whom: the first is who sold, the next who brought that one. */
  readonly chains: readonly (readonly CastPayee[])[];
  /** Sells once, and the buyer gives everything back after the commission was paid. */
  readonly guest?: CastPayee;
  /** The first sellers lead one team each; the others belong to these teams by turns. */
  readonly teams: readonly string[];
  /** What one order holds: lines, and the range of a line's price in fen. */
  readonly basket: { readonly lines: number; readonly from: number; readonly to: number };
  /** Orders completed on a day, at least and at most. */
  readonly ordersPerDay: readonly [least: number, most: number];
  /** How often an order has a delivery line, and a line a part that the platform pays. */
  readonly shipping: number;
  readonly subsidy: number;
}

const levels = [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }];

function payee(
  role: 'supplier' | 'distributor',
  payeeId: string,
  name: string,
  teamId?: string,
): CastPayee {
  const identity = `${payeeId}@pay.example`;
  if (teamId === undefined) return { payeeId, name, roles: [role], identity };
  return { payeeId, name, roles: [role, 'team-leader'], teamId, identity };
}

function chainsOf(
  prefix: string,
  names: readonly string[],
  teams: readonly string[] = [],
): readonly (readonly CastPayee[])[] {
  const people = names.map((name, index) =>
    payee('distributor', `${prefix}-${index + 1}`, name, teams[index]),
  );
  // The first is at the top; everybody else was brought by somebody before.
  return people.map((_, index) => {
    const chain: CastPayee[] = [];
    for (let at = index; at >= 0 && chain.length < 3; at = Math.ceil(at / 2) - 1) {
      const person = people[at];
      if (person !== undefined) chain.push(person);
    }
    return chain;
  });
}

const teaTeams = ['lotus-east', 'lotus-west'];
const teaRewards: NonNullable<ReferencePlan['teamReward']> = {
  tiers: [
    { from: '0.00', rate: '0' },
    { from: '3000.00', rate: '0.01' },
    { from: '8000.00', rate: '0.015', fixed: '20.00' },
  ],
};
const homeTeams = ['home-all'];

/** Shops with one of each way to compute a commission. */
export const shops: readonly CastShop[] = [
  {
    shopId: 'lotus-tea',
    appId: '2021000000000001',
    name: '莲心茶铺',
    balance: '500000.00',
    transferMax: '50000.00',
    plan: {
      platformFee: { rate: '0.10' },
      commission: { levels },
      supplier: {},
      teamReward: teaRewards,
    },
    later: {
      plan: {
        platformFee: { rate: '0.08' },
        commission: { levels: [{ rate: '0.32' }, { rate: '0.18' }], minPayout: '1.00' },
        supplier: {},
        teamReward: teaRewards,
      },
      publishedOnDay: 20,
      fromDay: 21,
    },
    suppliers: [
      payee('supplier', 'tea-hill', '云岭茶业'),
      payee('supplier', 'tea-lake', '西湖茶厂'),
      payee('supplier', 'tea-ware', '景瓷坊'),
    ],
    chains: chainsOf(
      'lotus',
      ['林一', '陈二', '黄三', '张四', '李五', '王六', '吴七', '刘八'],
      teaTeams,
    ),
    guest: payee('distributor', 'lotus-guest', '赵九'),
    teams: teaTeams,
    basket: { lines: 3, from: 3_800, to: 39_900 },
    ordersPerDay: [2, 4],
    shipping: 0.4,
    subsidy: 0.2,
  },
  {
    shopId: 'quick-cards',
    appId: '2021000000000002',
    name: '快卡小店',
    balance: '100000.00',
    transferMax: '50000.00',
    plan: {
      returnWindowDays: 3,
      platformFee: { rate: '0.06', min: '0.01' },
      commission: {
        basis: 'flat',
        levels: [{ rate: '0.08' }, { rate: '0.035' }],
        minPayout: '1.00',
      },
      supplier: { delayDays: 3 },
    },
    suppliers: [
      payee('supplier', 'cards-north', '北方卡密'),
      payee('supplier', 'cards-south', '南方卡密'),
    ],
    chains: chainsOf('cards', ['周一', '徐二', '孙三', '马四', '朱五', '胡六']),
    teams: [],
    basket: { lines: 2, from: 99, to: 4_999 },
    ordersPerDay: [2, 4],
    shipping: 0,
    subsidy: 0.1,
  },
  {
    shopId: 'warm-home',
    appId: '2021000000000003',
    name: '暖家家居',
    balance: '1500000.00',
    transferMax: '5000.00',
    plan: {
      platformFee: { rate: '0.05', max: '60.00' },
      commission: {
        basis: 'gross',
        levels: [{ rate: '0.12' }, { rate: '0.05' }],
        selfPurchase: 'skip',
      },
      supplier: { delayDays: 10 },
      teamReward: {
        tiers: [
          { from: '0.00', rate: '0' },
          { from: '20000.00', rate: '0.003' },
          { from: '80000.00', rate: '0.005', fixed: '88.00' },
        ],
      },
    },
    suppliers: [
      payee('supplier', 'home-wood', '木语家具'),
      payee('supplier', 'home-light', '明光灯饰'),
      payee('supplier', 'home-fabric', '柔织布艺'),
    ],
    chains: chainsOf('home', ['高一', '何二', '郭三', '罗四', '梁五', '宋六', '谢七'], homeTeams),
    teams: homeTeams,
    basket: { lines: 2, from: 19_900, to: 299_900 },
    ordersPerDay: [1, 2],
    shipping: 0.7,
    subsidy: 0.1,
  },
];

/** Everybody whom a shop may owe something. */
export function payeesOf({ suppliers, chains, guest }: CastShop): readonly CastPayee[] {
  return [...suppliers, ...chains.map(([seller]) => seller), guest].filter(isThere);
}

/** The team for which the seller of a chain sells; undefined in a shop without teams. */
export function teamOf(
  { chains, teams }: CastShop,
  chain: readonly CastPayee[],
): string | undefined {
  return teams[chains.indexOf(chain) % teams.length];
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
