import type { ReadyInfo } from '@qingfen/local';
import {
  GatewayClient,
  payeeMessage,
  SandboxClient,
  Upstream,
  type UpstreamEvent,
} from '@qingfen/testing';
import { shanghai } from './calendar.js';
import { type CastPayee, type CastShop, payeesOf, shops } from './cast.js';
import type { Act } from './script.js';

/** The doors of a running system that the demo uses: those that anybody may use. */
export interface World {
  readonly gateway: GatewayClient;
  readonly sandbox: SandboxClient;
  readonly upstream: Upstream;
  /** The access token is short-lived: asked for anew on every evening. */
  login(): Promise<void>;
}

/** @throws Error when there is no sandbox: the demo never touches another Alipay. */
export async function connect(ready: ReadyInfo): Promise<World> {
  if (ready.alipaySandbox === null) throw new Error('the demo needs the Alipay sandbox');
  const gateway = new GatewayClient(ready.gateway);
  const { username, password } = ready.admin;
  const login = (): Promise<void> => gateway.login(username, password);
  await login();
  return {
    gateway,
    sandbox: new SandboxClient(ready.alipaySandbox),
    upstream: await Upstream.connect(ready.kafka),
    login,
  };
}

/** Opens the shops: merchant, credentials, accounts, plan, then payees; all before any order. */
export async function openShops(
  { gateway, sandbox, upstream }: World,
  nowMs: number,
): Promise<void> {
  for (const shop of shops) {
    const { shopId, appId, name, balance, transferMax } = shop;
    const { alipay } = await sandbox.putMerchant(appId, { balance });
    await gateway.putShop(shopId, { name, transferMax, alipay });
    await gateway.publishPlan(shopId, { plan: shop.plan });
    await Promise.all(
      payeesOf(shop).map((payee) => sandbox.putAccount(payee.identity, { name: payee.name })),
    );
    await upstream.publish(
      payeesOf(shop).map((payee) => tellPayee(shop, payee, { identity: payee.identity, nowMs })),
    );
  }
}

/** Makes happen what the script says besides the news. */
export async function perform(
  { gateway, sandbox, upstream }: World,
  act: Act,
  nowMs: number,
): Promise<void> {
  switch (act.what) {
    case 'freeze':
      await sandbox.putAccount(playerOf(act).payee.identity, { status: 'frozen' });
      return;
    case 'mend': {
      const { shop, payee } = playerOf(act);
      const { identity } = act;
      await sandbox.putAccount(identity, { name: payee.name });
      await upstream.publish([tellPayee(shop, payee, { identity, nowMs })]);
      return;
    }
    case 'publish-plan': {
      const { shopId, plan, effectiveMs } = act;
      await gateway.publishPlan(shopId, { plan, effectiveFrom: shanghai(effectiveMs) });
    }
  }
}

function playerOf(act: { readonly shopId: string; readonly payeeId: string }): {
  readonly shop: CastShop;
  readonly payee: CastPayee;
} {
  const shop = shops.find(({ shopId }) => shopId === act.shopId);
  const payee = shop && payeesOf(shop).find(({ payeeId }) => payeeId === act.payeeId);
  if (shop === undefined || payee === undefined) throw new Error(`nobody is ${act.payeeId}`);
  return { shop, payee };
}

function tellPayee(
  { shopId }: CastShop,
  { payeeId, name, roles, teamId }: CastPayee,
  { identity, nowMs }: { readonly identity: string; readonly nowMs: number },
): UpstreamEvent {
  const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name };
  const team = teamId === undefined ? {} : { teamId };
  const payee = { shopId, payeeId, name, roles: [...roles], alipay, ...team };
  return payeeMessage(payee, shanghai(nowMs));
}
