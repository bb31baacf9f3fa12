import { describe, expect, it } from '@jest/globals';
import { readPlan, type PartKind, type Plan } from '@qingfen/core-plan';
import { minor, ZERO } from '@qingfen/money';
import {
  SimulationSheet,
  simulationWarnings,
  TeamSimulation,
  type OrderFact,
  type OrderItem,
  type RefundedSoFar,
  type SimulatedItem,
  type SimulationFindings,
  type TeamStanding,
} from './index.js';

function planOf(document: object): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const line = (amount: bigint, more: Partial<OrderItem> = {}): OrderItem => ({
  itemId: '1',
  supplierId: 's-1',
  kind: 'goods',
  amountMinor: minor(amount),
  subsidyMinor: ZERO,
  ...more,
});

const order = (items: OrderItem[], more: Partial<OrderFact> = {}): OrderFact => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: new Date(0),
  completedAt: new Date('2026-01-10T00:00:00+08:00'),
  items,
  distributors: ['d-1', 'd-2'],
  ...more,
});

const NOTHING: RefundedSoFar = new Map();
const taken = (amount: bigint, subsidy: bigint): RefundedSoFar =>
  new Map([['1', { amountMinor: minor(amount), subsidyMinor: minor(subsidy) }]]);

describe('R-RUL-7 what a draft owes, payee by payee', () => {
  const shown = (sheet: SimulationSheet): string[] =>
    sheet
      .items()
      .map((one) => `${one.payeeId} ${one.kind} ${one.owedMinor}, now ${one.owedNowMinor}`);
  const plan = planOf({ commission: { levels: [{ rate: '0.1' }, { rate: '0.5' }] }, supplier: {} });

  it('of what is left of every line, the greatest change first, whichever way it goes', () => {
    const sheet = new SimulationSheet(plan);
    const items = [line(800n, { subsidyMinor: minor(200n) }), line(100n, { itemId: '2' })];
    sheet.addOrder(order(items), taken(300n, 100n));
    sheet.addReward('t-1', 7n);
    sheet.addNow('commission', 'd-1', 80n);
    sheet.addNow('commission', 'd-9', 316n);
    sheet.addNow('supplier', 's-1', 315n);
    expect(shown(sheet)).toEqual([
      'd-9 commission 0, now 316',
      'd-2 commission 315, now 0',
      'd-1 commission 70, now 80',
      't-1 team-reward 7, now 0',
      's-1 supplier 315, now 315',
    ]);
    expect(sheet.notes).toEqual({ orders: 1, cutLines: 0, firstCuts: [], linesOfFee: 0 });
  });

  it('ties stand by payee and kind, and who is owed nothing stands nowhere', () => {
    const sheet = new SimulationSheet(plan);
    const kinds: readonly PartKind[] = ['team-reward', 'supplier', 'commission'];
    for (const payeeId of ['b', 'a']) for (const kind of kinds) sheet.addNow(kind, payeeId, 5n);
    sheet.addNow('supplier', 'nobody', 0n);
    expect(shown(sheet)).toEqual(
      ['a', 'b'].flatMap((payeeId) =>
        ['commission', 'supplier', 'team-reward'].map((kind) => `${payeeId} ${kind} 0, now 5`),
      ),
    );
  });

  it('no supplier where the draft has none', () => {
    const sheet = new SimulationSheet(planOf({ commission: { levels: [{ rate: '0.1' }] } }));
    sheet.addOrder(order([line(1_000n)]), NOTHING);
    expect(shown(sheet)).toEqual(['d-1 commission 100, now 0']);
  });

  it('notes lines of which shares were cut, and explains the first three', () => {
    const cutting = planOf({
      commission: { basis: 'gross', levels: [{ fixed: '6.00' }, { fixed: '6.00' }] },
    });
    const sheet = new SimulationSheet(cutting);
    for (const amount of [1_200n, 1_199n, 1_198n, 500n, 700n, 800n]) {
      sheet.addOrder(order([line(amount)], { orderId: `o-${amount}` }), NOTHING);
    }
    const cut = { itemId: '1', level: 2, wanted: '6.00' };
    expect(sheet.notes).toEqual({
      orders: 6,
      cutLines: 4,
      firstCuts: [
        { ...cut, orderId: 'o-1198', owed: '5.98' },
        { ...cut, orderId: 'o-500', level: 1, owed: '5.00' },
        { ...cut, orderId: 'o-700', owed: '1.00' },
      ],
      linesOfFee: 0,
    });
  });

  it('counts goods of which the least fee takes everything', () => {
    const fee = planOf({ platformFee: { rate: '0', min: '1.00' }, supplier: {} });
    const sheet = new SimulationSheet(fee);
    for (const amount of [0n, 1n, 99n, 100n]) sheet.addOrder(order([line(amount)]), NOTHING);
    sheet.addOrder(order([line(50n, { kind: 'shipping' })]), NOTHING);
    expect(sheet.notes).toMatchObject({ orders: 5, linesOfFee: 2 });
  });
});

describe('R-RUL-7 what a draft rewards teams with', () => {
  const tiers = [
    { from: '0', rate: '0.1' },
    { from: '10.00', rate: '0.2' },
  ];
  const draft = planOf({
    returnWindowDays: 7,
    teamReward: { tiers },
    conditions: [{ for: 'team-reward', when: 'order-amount', atLeast: '5.00' }],
  });
  const shop = { timezone: 'Asia/Shanghai', now: new Date('2026-03-15T00:00:00+08:00') };
  const january = '2026-01-31T23:30:00+08:00';
  const february = '2026-02-28T23:30:00+08:00';
  const counted = (period: string, countedMinor: bigint): TeamStanding => ({
    kind: 'counted',
    period,
    countedMinor,
  });
  const ofTeam = (amount: bigint, more: Partial<OrderFact> = {}): OrderFact =>
    order([line(amount), line(90n, { itemId: '2', kind: 'shipping' })], { teamId: 't-1', ...more });
  const completed = (text: string): Partial<OrderFact> => ({ completedAt: new Date(text) });
  const simulated = (plan = draft): TeamSimulation => new TeamSimulation(plan, shop);

  it('adds goods that the draft alone counts to the period of its own cycle', () => {
    const teams = simulated();
    const late = completed('2026-01-25T00:00:00+08:00');
    teams.add(ofTeam(1_000n, completed('2026-01-10T00:00:00+08:00')), NOTHING, {
      kind: 'not-counting',
    });
    teams.add(ofTeam(1_000n, late), taken(300n, 0n), { kind: 'not-counting' });
    teams.add(ofTeam(300n, late), NOTHING, { kind: 'not-counting' });
    expect(teams.periods).toEqual([
      { teamId: 't-1', period: january, changeMinor: 1_000n },
      { teamId: 't-1', period: february, changeMinor: 700n },
    ]);
    expect(teams.rewards([])).toEqual([{ teamId: 't-1', owedMinor: 270n, owedNowMinor: 0n }]);
    expect(teams.waitingOrders).toBe(0);
  });

  it('takes off what the draft does not count, and prices the rest of the period anew', () => {
    const teams = simulated();
    teams.add(ofTeam(1_000n), NOTHING, counted(january, 1_000n));
    teams.add(ofTeam(100n), NOTHING, counted(january, 400n));
    teams.add(ofTeam(100n, { teamId: 't-2' }), NOTHING, counted(january, 100n));
    const known = [
      { teamId: 't-1', period: january, performanceMinor: 1_400n, rewardMinor: 99n },
      { teamId: 't-2', period: january, performanceMinor: 100n, rewardMinor: 9n },
      { teamId: 't-3', period: january, performanceMinor: 100n, rewardMinor: 9n },
    ];
    expect(teams.rewards(known)).toEqual([
      { teamId: 't-1', owedMinor: 200n, owedNowMinor: 99n },
      { teamId: 't-2', owedMinor: 0n, owedNowMinor: 9n },
    ]);
  });

  it('a draft without rewards takes off all that was counted', () => {
    const teams = simulated(planOf({ supplier: {} }));
    teams.add(ofTeam(1_000n), NOTHING, counted(january, 1_000n));
    teams.add(ofTeam(1_000n), NOTHING, { kind: 'not-counting' });
    const known = [{ teamId: 't-1', period: january, performanceMinor: 1_500n, rewardMinor: 9n }];
    expect(teams.periods).toEqual([{ teamId: 't-1', period: january, changeMinor: -1_000n }]);
    expect(teams.rewards(known)).toEqual([{ teamId: 't-1', owedMinor: 0n, owedNowMinor: 9n }]);
  });

  it('leaves out orders that no run has counted, or would have by now, and those of no team', () => {
    const teams = simulated();
    teams.add(ofTeam(1_000n), NOTHING, { kind: 'waiting' });
    teams.add(ofTeam(1_000n, completed('2026-03-10T00:00:00+08:00')), NOTHING, {
      kind: 'not-counting',
    });
    const { teamId: _, ...alone } = ofTeam(1_000n);
    teams.add(alone, NOTHING, { kind: 'waiting' });
    expect(teams.waitingOrders).toBe(2);
    expect(teams.periods).toEqual([]);
    expect(teams.rewards([])).toEqual([]);
  });

  it('adds up the goods of every order of a period, subsidies with them and refunds of both off', () => {
    const teams = simulated();
    const subsidized = line(800n, { subsidyMinor: minor(200n) });
    teams.add(order([subsidized], { teamId: 't-1' }), taken(100n, 50n), { kind: 'not-counting' });
    teams.add(ofTeam(600n), NOTHING, { kind: 'not-counting' });
    expect(teams.periods).toEqual([{ teamId: 't-1', period: january, changeMinor: 1_450n }]);
  });

  it('a run has counted from its very instant on', () => {
    const counting = (now: string): TeamSimulation => {
      const teams = new TeamSimulation(draft, { ...shop, now: new Date(now) });
      teams.add(ofTeam(1_000n), NOTHING, { kind: 'not-counting' });
      return teams;
    };
    expect(counting(january).periods.map(({ period }) => period)).toEqual([january]);
    expect(counting('2026-01-31T23:29:59.999+08:00').waitingOrders).toBe(1);
  });

  it('a run with its cutoff before the end of the window is passed over, though it comes later', () => {
    const weekly = planOf({
      returnWindowDays: 7,
      teamReward: { tiers, cycle: { every: 'week', on: 'monday', at: '02:00' } },
    });
    const periodOf = (completedAt: string): string | undefined => {
      const teams = simulated(weekly);
      teams.add(ofTeam(1_000n, completed(completedAt)), NOTHING, { kind: 'not-counting' });
      return teams.periods[0]?.period;
    };
    // Mondays' runs cut at midnight.
    expect(periodOf('2026-01-11T23:59:59.999+08:00')).toBe('2026-01-19T02:00:00+08:00');
    expect(periodOf('2026-01-12T00:00:00+08:00')).toBe('2026-01-26T02:00:00+08:00');
    expect(periodOf('2026-01-12T01:00:00+08:00')).toBe('2026-01-26T02:00:00+08:00');
  });

  it('a window that ends with the cutoff belongs to the next run', () => {
    const periodOf = (completedAt: string): string | undefined => {
      const teams = simulated();
      // Known runs first: the second is found among them.
      teams.add(ofTeam(1_000n), NOTHING, { kind: 'not-counting' });
      teams.add(ofTeam(1_000n, { teamId: 't-2', ...completed(completedAt) }), NOTHING, {
        kind: 'not-counting',
      });
      return teams.periods.find(({ teamId }) => teamId === 't-2')?.period;
    };
    expect(periodOf('2026-01-24T23:29:59.999+08:00')).toBe(january);
    expect(periodOf('2026-01-24T23:30:00+08:00')).toBe(february);
    expect(periodOf('2025-12-20T00:00:00+08:00')).toBe('2025-12-31T23:30:00+08:00');
  });
});

describe('R-RUL-7 what somebody should know before publishing', () => {
  const plan = planOf({
    commission: {
      basis: 'gross',
      levels: [{ fixed: '1.00' }, { rate: '0.1', min: '1.00' }, { rate: '0.1' }],
    },
  });
  const findings = (more: Partial<SimulationFindings> = {}): SimulationFindings => ({
    orders: 9,
    cutLines: 0,
    firstCuts: [],
    linesOfFee: 0,
    unboundOrders: 0,
    otherCurrencyOrders: 0,
    waitingTeamOrders: 0,
    ...more,
  });
  const item = (payeeId: string, owed: bigint, now: bigint): SimulatedItem => ({
    payeeId,
    kind: 'commission',
    owedMinor: minor(owed),
    owedNowMinor: minor(now),
  });
  const warned = (items: SimulatedItem[], found = findings()): string[] =>
    simulationWarnings(plan, items, found).map(({ pointer, message }) => `${pointer}: ${message}`);

  it('nothing where nobody loses more than a tenth and nothing is odd', () => {
    expect(warned([])).toEqual([]);
    expect(warned([item('d-1', 90n, 100n), item('d-2', 200n, 100n)])).toEqual([]);
  });

  it('who loses more than a tenth, the first five by name', () => {
    expect(warned([item('d-1', 89n, 100n), item('d-2', 90n, 100n)])).toEqual([
      ': 1 payee would be owed less by more than 10%: d-1 (commission) −0.11, −11%.',
    ]);
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((payeeId) => item(payeeId, 1n, 8n));
    const named = (count: number): string =>
      many
        .slice(0, count)
        .map(({ payeeId }) => `${payeeId} (commission) −0.07, −88%`)
        .join('; ');
    const would = 'payees would be owed less by more than 10%';
    expect(warned(many.slice(0, 5))).toEqual([`: 5 ${would}: ${named(5)}.`]);
    expect(warned(many)).toEqual([`: 6 ${would}: ${named(5)} ….`]);
  });

  it('which lines were cut, at the place of the plan that is the reason', () => {
    const at = (level: number): string | undefined => {
      const cut = { orderId: 'o-1', itemId: '2', level, wanted: '1.00', owed: '0.40' };
      return warned([], findings({ cutLines: 2, firstCuts: [cut] }))[0];
    };
    const sentence = (level: number): string =>
      'On 2 lines a fixed or least amount is more than is left of the line and is cut: ' +
      `order o-1, line 2, level ${level}: 0.40 instead of 1.00.`;
    expect(at(1)).toBe(`/commission/levels/0/fixed: ${sentence(1)}`);
    expect(at(2)).toBe(`/commission/levels/1/min: ${sentence(2)}`);
    expect(at(3)).toBe(`/commission/levels/2: ${sentence(3)}`);
    expect(at(4)).toBe(`/commission/levels/3: ${sentence(4)}`);
    expect(warned([], findings({ cutLines: 1 }))[0]).toMatch(/^\/commission\/levels: On 1 line a /);
  });

  it('what the least fee takes, and which orders are in neither figure', () => {
    const found = findings({
      linesOfFee: 1,
      unboundOrders: 1,
      otherCurrencyOrders: 2,
      waitingTeamOrders: 3,
    });
    const warnings = simulationWarnings(plan, [item('d-1', 0n, 1n)], found);
    expect(warnings.map(({ pointer }) => pointer)).toEqual(['', '/platformFee/min', '', '', '']);
    expect(warnings.slice(1).map(({ message }) => message.match(/\d+ \w+/)?.[0])).toEqual([
      '1 line',
      '1 order',
      '2 orders',
      '3 orders',
    ]);
    for (const { messageZh } of warnings) expect(messageZh).toMatch(/\p{Script=Han}.*。$/u);
  });
});
