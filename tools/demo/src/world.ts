import type { ReadyInfo } from '@qingfen/local';
import { GatewayClient, payeeMessage, SandboxClient, Upstream } from '@qingfen/testing';
import { shanghai } from './calendar.js';
import { type CastPayee, type CastShop, payeesOf, shops } from './cast.js';
import { type Mishap, mishap } from './mishap.js';

/** The doors of a running system that the demo uses: those that anybody may use. */
export interface World {
  readonly gateway: GatewayClient;
  readonly sandbox: SandboxClient;
  readonly upstream: Upstream;
  /** The access token is short-lived: asked for anew every week. */
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

/** Alipay freezes a payee's account. */
export async function freeze({ sandbox }: World, { payeeId }: Mishap): Promise<void> {
  await sandbox.putAccount(playerOf(payeeId).payee.identity, { status: 'frozen' });
}

/** The payee names another account. */
export async function mend({ sandbox, upstream }: World, nowMs: number): Promise<void> {
  const { payeeId, newIdentity: identity } = mishap;
  const { shop, payee } = playerOf(payeeId);
  await sandbox.putAccount(identity, { name: payee.name });
  await upstream.publish([tellPayee(shop, payee, { identity, nowMs })]);
}

function playerOf(payeeId: string): { readonly shop: CastShop; readonly payee: CastPayee } {
  for (const shop of shops) {
    const payee = payeesOf(shop).find((each) => each.payeeId === payeeId);
    if (payee !== undefined) return { shop, payee };
  }
  throw new Error(`nobody is called ${payeeId}`);
}

function tellPayee(
  { shopId }: CastShop,
  { payeeId, name, role }: CastPayee,
  { identity, nowMs }: { readonly identity: string; readonly nowMs: number },
): ReturnType<typeof payeeMessage> {
  const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name };
  return payeeMessage({ shopId, payeeId, name, roles: [role], alipay }, shanghai(nowMs));
}
