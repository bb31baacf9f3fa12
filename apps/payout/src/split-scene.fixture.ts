import type { AlipayCredentials, EventData } from '@qingfen/contracts';
import { outBizNoOf } from './out-biz-no.js';
import { userCalled, type PayoutHouse, type Scene } from './payout-house.fixture.js';

/** A scene with a trade that may be split. */
export interface TradeScene extends Scene {
  readonly tradeNo: string;
}

/** A scene with a trade that was paid the day before. */
export async function sceneWithTrade(
  house: PayoutHouse,
  { amount = '100.00', royaltyFreeze = false, royaltyAsync = false } = {},
): Promise<TradeScene> {
  const scene = await house.scene();
  if (royaltyAsync) await splitBy(house, scene, { royaltyAsync });
  return { ...scene, tradeNo: await pay(house, scene, { amount, royaltyFreeze }) };
}

/** One more trade of the shop's. @returns Alipay's number of it */
export async function pay(
  house: PayoutHouse,
  { appId }: Scene,
  { amount = '100.00', royaltyFreeze = false } = {},
): Promise<string> {
  const at = house.later(-24 * 60).toISOString();
  const { tradeNo } = await house.sandbox.pay(appId, { amount, at, royaltyFreeze });
  return tradeNo;
}

/** Has the shop split by another mode from now on. */
export async function splitBy(
  house: PayoutHouse,
  { shopId, appId }: Scene,
  { royaltyAsync }: { readonly royaltyAsync: boolean },
): Promise<void> {
  const { alipay }: { alipay: AlipayCredentials } = await house.sandbox.putMerchant(appId, {});
  await house.credentials.put(shopId, { ...alipay, royaltyAsync }, userCalled('admin'));
}

/** An instruction to pay out of the scene's trade. */
export function split(
  house: PayoutHouse,
  { key, tradeNo }: TradeScene,
  name = 'a',
  amount = '12.30',
): EventData['payout-requested'] {
  const legs = [{ orderId: `o-${tradeNo}`, alipayTradeNo: tradeNo, amount }];
  return house.instruction(key(name), { payVia: 'royalty', amount, legs });
}

/** What has left the merchant's account, a line each. */
export async function moved(house: PayoutHouse, { appId }: Scene): Promise<string[]> {
  const all = await house.sandbox.transfers(appId);
  return all
    .filter(({ status }) => status === 'SUCCESS')
    .map(({ way, outBizNo, amount }) => `${way} ${outBizNo} ${amount}`)
    .sort();
}

/** The line of one split. */
export function line({ key }: Scene, name = 'a', amount = '12.30'): string {
  return `royalty ${outBizNoOf(key(name))} ${amount}`;
}
