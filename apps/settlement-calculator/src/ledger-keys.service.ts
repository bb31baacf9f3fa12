import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { LedgerKey } from '@qingfen/contracts';
import { advisoryLock, type Tx } from '@qingfen/database';
import type { Unit, Units } from '@qingfen/messaging';
import { TextSigner, type LedgerKeySecrets } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import { nextKeys, trustedKeys, type TrustedKey } from './ledger-key.js';
import { insertKey, lastSealedAt, ledgerKeys } from './ledger-key.store.js';

const lock = 'ledger-key';

/** The key that signs heads, and how it follows on those before it: docs/proofs.md, "A chain of keys". */
@Injectable()
export class LedgerKeys implements OnModuleInit {
  readonly signer: TextSigner;

  constructor(
    private readonly units: Pick<Units, 'run'>,
    private readonly own: LedgerKeySecrets,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    this.signer = new TextSigner(own.current);
  }

  /** Before anything is sealed. @throws Error naming what the secrets lack; the service does not start */
  async onModuleInit(): Promise<void> {
    await this.units.run((unit) => this.introduce(unit));
  }

  /** Every key, the first one first, up to the last. */
  async all(reader: Pick<Tx, 'query'>): Promise<readonly LedgerKey[]> {
    const known = await ledgerKeys(reader);
    const { keyId, publicKeyPem: publicKey } = this.signer;
    return known.length === 0 ? [{ keyId, publicKey }] : known;
  }

  /**
   * The keys up to this process's own while that is the last one; until the transaction ends no other comes
   * behind it. Null: another process has a newer one, and heads are its to sign.
   */
  async signing(tx: Tx): Promise<readonly LedgerKey[] | null> {
    await advisoryLock(tx, lock, 'shared');
    const keys = await this.all(tx);
    return keys.at(-1)?.keyId === this.signer.keyId ? keys : null;
  }

  /** Whose signatures count, and for which blocks. */
  async trusted(reader: Pick<Tx, 'query'>): Promise<ReadonlyMap<string, TrustedKey>> {
    const { keyId, publicKeyPem: publicKey } = this.signer;
    return trustedKeys(await ledgerKeys(reader), { keyId, publicKey });
  }

  private async introduce({ tx, now }: Unit): Promise<void> {
    await advisoryLock(tx, lock, 'exclusive');
    // Clocks of two hosts differ by a little, and no head that was signed may come to be out of time.
    const sealed = await lastSealedAt(tx);
    const atMs = Math.max(now.getTime(), sealed?.getTime() ?? 0);
    const step = nextKeys(await ledgerKeys(tx), this.own, atMs);
    if (step.kind === 'refuse') throw new Error(step.reason);
    const { keyId } = this.signer;
    if (step.kind === 'succeeded') {
      this.logger.warn({ keyId }, 'there is a newer key for heads: with this one none is signed');
      return;
    }
    for (const key of step.keys) await insertKey(tx, key);
    if (step.keys.length > 0) this.logger.info({ keyId }, 'heads are signed with another key now');
  }
}
