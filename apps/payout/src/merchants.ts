import { isInfrastructureError, type Database } from '@qingfen/database';
import type { Logger } from '@qingfen/telemetry';
import type { Merchant } from './merchant.js';
import type { ShopScene } from './send-scene.store.js';
import type { Credentials, CredentialStore, CredentialSummary } from './credential.store.js';

const keptMax = 1_000;

/**
 * Ready applications by shop, made once for each version of the shop's credentials: reading keys
 * and certificates costs more than signing with them.
 */
export class Merchants {
  private readonly made = new Map<string, { version: bigint; merchant: Merchant }>();

  constructor(
    private readonly database: Database,
    private readonly store: CredentialStore,
    private readonly make: (credentials: Credentials) => Merchant,
  ) {}

  /** The shop's application as it was last seen, without asking; undefined where it was not. */
  known(shopId: string): Merchant | undefined {
    return this.made.get(shopId)?.merchant;
  }

  /** The shop's application of this version or a later one; null where it has no credentials. */
  async of(shopId: string, summary?: CredentialSummary): Promise<Merchant | null> {
    const known = this.made.get(shopId);
    if (known !== undefined && summary?.version === known.version) return known.merchant;
    const credentials = await this.store.find(this.database, shopId);
    if (credentials === null) {
      this.made.delete(shopId);
      return null;
    }
    if (known?.version === credentials.version) return known.merchant;
    const merchant = this.make(credentials);
    if (this.made.size >= keptMax) this.forgetOldest();
    this.made.set(shopId, { version: credentials.version, merchant });
    return merchant;
  }

  private forgetOldest(): void {
    for (const shopId of this.made.keys()) {
      this.made.delete(shopId);
      return;
    }
  }
}

/** Ready applications; null for a shop whose keys cannot be used: its payouts wait for others. */
export async function readyMerchants(
  { merchants, logger }: { readonly merchants: Merchants; readonly logger: Logger },
  scenes: ReadonlyMap<string, ShopScene>,
): Promise<Map<string, Merchant | null>> {
  const ready = new Map<string, Merchant | null>();
  for (const [shopId, { credential }] of scenes) {
    if (credential === null) continue;
    try {
      ready.set(shopId, await merchants.of(shopId, credential));
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      ready.set(shopId, null);
    }
  }
  return ready;
}
