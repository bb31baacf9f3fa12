import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { Database } from '@qingfen/database';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { FieldCipher } from '@qingfen/security';
import { keepPayees, keepShops, namesFor, type ToldPayee, type ToldShop } from './name.store.js';
import type { Names } from './wording.js';

/** Keeps the names that payees read; payees' names are encrypted. */
@Injectable()
export class NameService {
  constructor(
    private readonly database: Database,
    private readonly cipher: FieldCipher,
  ) {}

  /** Of several tellings of a shop the latest `updatedAt` counts. */
  async keepShops(unit: Unit, events: readonly IncomingEvent<'shop-upserted'>[]): Promise<void> {
    const shops = new Map<string, ToldShop>();
    for (const { data } of events) {
      const { shopId, name, timezone } = data;
      const told = { shopId, name, timezone, updatedAt: parseInstant(data.updatedAt) };
      const known = shops.get(shopId);
      if (known === undefined || known.updatedAt <= told.updatedAt) shops.set(shopId, told);
    }
    await keepShops(unit.tx, [...shops.values()]);
  }

  /** Of several tellings of a payee the latest `time` counts, of equal ones the later on the topic. */
  async keepPayees(unit: Unit, events: readonly IncomingEvent<'payee-upserted'>[]): Promise<void> {
    const payees = new Map<string, ToldPayee & { readonly name: string }>();
    for (const { data, event } of events) {
      const { shopId, payeeId, name } = data;
      const toldAt = event.time === undefined ? unit.now : parseInstant(event.time);
      const key = `${shopId} ${payeeId}`;
      const known = payees.get(key);
      if (known !== undefined && known.toldAt > toldAt) continue;
      payees.set(key, { shopId, payeeId, name, nameCipher: '', toldAt });
    }
    const rows = [...payees]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { name, ...payee }]) => {
        return { ...payee, nameCipher: this.cipher.encrypt(name, contextOf(payee)) };
      });
    await keepPayees(unit.tx, rows);
  }

  /** What is known of the names that mails need, for each payee in the order given. */
  async namesFor(
    payees: readonly { readonly shopId: string; readonly payeeId: string | null }[],
  ): Promise<Names[]> {
    const known = await namesFor(this.database, payees);
    return payees.map((whom, index) => {
      const found = known[index];
      const cipher = found?.payeeNameCipher ?? null;
      const { shopId, payeeId } = whom;
      const payee =
        cipher === null || payeeId === null
          ? null
          : this.cipher.decrypt(cipher, contextOf({ shopId, payeeId }));
      return { shop: found?.shopName ?? null, timezone: found?.timezone ?? null, payee };
    });
  }
}

function contextOf(payee: { readonly shopId: string; readonly payeeId: string }): string {
  return `notification.payee:${payee.shopId}:${payee.payeeId}:name`;
}
