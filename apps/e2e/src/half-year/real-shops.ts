import { withBuyers } from './buyers.js';
import { readOrderMessages, readPayeeMessages } from './data-files.js';
import { byDay, type Story } from './story.js';

const minPayout = '0.10';

/** The plan that both shops publish: every cycle and bound written out. */
const plan = {
  currency: 'CNY',
  rounding: 'half-up',
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: {
    basis: 'cascade',
    levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }],
    selfPurchase: 'allow',
    cycle: { every: 'day', at: '02:00' },
    minPayout,
    payVia: 'transfer',
  },
  supplier: {
    delayDays: 7,
    cycle: { every: 'week', on: 'monday', at: '02:00' },
    minPayout,
    payVia: 'transfer',
  },
  teamReward: {
    method: 'whole',
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '10000.00', rate: '0.01' },
      { from: '50000.00', rate: '0.02', fixed: '100.00' },
    ],
    cycle: { every: 'month', on: 'last-day', at: '23:30' },
    minPayout,
    payVia: 'transfer',
  },
} as const;

const timezone = 'Asia/Shanghai';

/** The two shops of the file, with buyers who pay at Alipay; the limit of shop-2 is so low that statements come in parts. */
export function realShops(): Story {
  const { messages: paid, acts: buyers } = withBuyers(readOrderMessages());
  const days = byDay(paid);
  return {
    shops: [
      { shopId: 'shop-1', name: '网店 shop-1', timezone, transferMax: '50000.00', plan },
      { shopId: 'shop-2', name: '网店 shop-2', timezone, transferMax: '300.00', plan },
    ],
    payees: readPayeeMessages(),
    tellings: new Map([...days].map(([day, messages]) => [day, [messages]])),
    acts: new Map(),
    buyers,
  };
}
