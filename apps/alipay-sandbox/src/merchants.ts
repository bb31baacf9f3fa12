import { isoInstant } from './clock.js';
import { issueCertificates, makeAuthorities, makeKeyPair, readPublicKey } from './keys.js';
import type { BookRecord, KeyPair, MerchantTerms } from './records.js';
import { derivedUserId } from './money.js';
import type { Merchant } from './money.js';
import type { World } from './world.js';
import { fen, yuan } from './yuan.js';

export interface MerchantWish {
  readonly publicKey?: string | undefined;
  readonly balance?: string | undefined;
  readonly notifyUrl?: string | null | undefined;
  readonly mode?: 'key' | 'certificate' | undefined;
  readonly sceneRule?: boolean | undefined;
  readonly royaltyRatio?: number | null | undefined;
  readonly batchDirect?: boolean | undefined;
}

/** Makes and changes merchants, one after the other: making keys takes a while. */
export class MerchantDesk {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly world: World) {}

  /**
   * Puts a merchant; what the wish leaves out stays as it is.
   *
   * @throws Error with a sentence when `publicKey` is none.
   */
  put(appId: string, wish: MerchantWish): Promise<Merchant> {
    const put = this.#last.then(() => this.#put(appId, wish));
    this.#last = put.catch(() => undefined);
    return put;
  }

  async #put(appId: string, wish: MerchantWish): Promise<Merchant> {
    const { state, clock } = this.world;
    const terms = await this.#terms(appId, wish, state.money.merchants.get(appId)?.terms);
    const records: BookRecord[] = [{ t: 'merchant', terms }];
    if (wish.balance !== undefined) {
      const moved = fen(wish.balance) - (state.money.merchants.get(appId)?.balanceMinor ?? 0n);
      const at = clock.nowMs();
      if (moved !== 0n) {
        records.push({ t: 'merchant-movement', appId, amount: yuan(moved), type: 'set', at });
      }
    }
    await this.world.commit(records);
    const merchant = state.money.merchants.get(appId);
    if (merchant === undefined) throw new Error(`${appId} was put and is not there`);
    return merchant;
  }

  async #terms(
    appId: string,
    wish: MerchantWish,
    before: MerchantTerms | undefined,
  ): Promise<MerchantTerms> {
    const pid = before?.pid ?? derivedUserId(`merchant ${appId}`);
    const mode = wish.mode ?? before?.mode ?? 'key';
    const [own, alipay] = await Promise.all([
      this.#ownKeys(wish, before),
      before?.alipay ?? makeKeyPair(),
    ]);
    const sameCertificates = before?.mode === 'certificate' && wish.publicKey === undefined;
    const kept = sameCertificates ? before.certificates : undefined;
    const certificates =
      mode === 'key'
        ? undefined
        : (kept ??
          (await issueCertificates(await this.#authorities(), {
            appId,
            pid,
            appPublicKey: own.publicKey,
            alipayPublicKey: alipay.publicKey,
          })));
    return {
      appId,
      pid,
      mode,
      ...(own.privateKey === '' ? {} : { appPrivateKey: own.privateKey }),
      appPublicKey: own.publicKey,
      alipay,
      ...(certificates === undefined ? {} : { certificates }),
      notifyUrl: wish.notifyUrl === undefined ? (before?.notifyUrl ?? null) : wish.notifyUrl,
      sceneRule: wish.sceneRule ?? before?.sceneRule ?? true,
      royaltyRatio: wish.royaltyRatio === undefined ? royaltyRatioOf(before) : wish.royaltyRatio,
      batchDirect: wish.batchDirect ?? before?.batchDirect ?? false,
    };
  }

  async #ownKeys(wish: MerchantWish, before: MerchantTerms | undefined): Promise<KeyPair> {
    if (wish.publicKey !== undefined) {
      return { privateKey: '', publicKey: readPublicKey(wish.publicKey) };
    }
    if (before === undefined) return makeKeyPair();
    return { privateKey: before.appPrivateKey ?? '', publicKey: before.appPublicKey };
  }

  async #authorities(): Promise<NonNullable<World['state']['authorities']>> {
    const { state } = this.world;
    if (state.authorities !== undefined) return state.authorities;
    const authorities = await makeAuthorities();
    await this.world.commit([{ t: 'authorities', authorities }]);
    return authorities;
  }
}

/** Alipay's usual cap: 30 % of what a buyer paid. */
const ROYALTY_RATIO = 30;

/** The most of a trade that may be split, in percent; null without a contract for splitting. */
export function royaltyRatioOf(terms: MerchantTerms | undefined): number | null {
  return terms?.royaltyRatio === undefined ? ROYALTY_RATIO : terms.royaltyRatio;
}

/** A merchant as the control side shows it; `alipay` is what a shop is configured with. */
export function merchantView(merchant: Merchant): Record<string, unknown> {
  const { terms } = merchant;
  const { appId, pid, appPrivateKey, certificates } = terms;
  return {
    appId,
    balance: yuan(merchant.balanceMinor),
    notifyUrl: terms.notifyUrl,
    alipay: {
      pid,
      appId,
      ...(appPrivateKey === undefined ? {} : { privateKey: appPrivateKey, keyType: 'PKCS1' }),
      ...(certificates === undefined
        ? { alipayPublicKey: terms.alipay.publicKey }
        : { certificates }),
    },
  };
}

/** Every movement of a merchant's balance, oldest first. */
export function merchantMovements(merchant: Merchant): Record<string, unknown>[] {
  return merchant.movements.map(({ amountMinor, balanceMinor, type, outBizNo, tradeNo, at }) => ({
    outBizNo,
    amount: yuan(amountMinor),
    balance: yuan(balanceMinor),
    type,
    at: isoInstant(at),
    ...(tradeNo === null ? {} : { tradeNo }),
  }));
}
