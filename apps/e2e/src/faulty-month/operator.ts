import type { Payout } from '@qingfen/contracts';
import { type GatewayClient, UnexpectedAnswer } from '@qingfen/testing';

import type { Stage } from '../stage.js';

const password = 'correct horse battery staple';

/** What the operators of a shop have done by hand. */
export interface Deeds {
  approved: number;
  mended: number;
  retried: number;
}

/** Two people who do what the runbooks say: approve what waits for it, mend accounts, retry the rest. */
export class Operators {
  readonly deeds: Deeds = { approved: 0, mended: 0, retried: 0 };
  readonly #tended = new Set<string>();

  private constructor(
    private readonly operator: GatewayClient,
    private readonly approver: GatewayClient,
    private readonly shopId: string,
  ) {}

  static async hire(stage: Stage, shopId: string): Promise<Operators> {
    const user = (role: 'operator' | 'approver'): Promise<GatewayClient> => {
      const username = `${role}-${shopId}`;
      return stage.gateway.userWith({ username, password, roles: [{ role, shopId: '*' }] });
    };
    return new Operators(await user('operator'), await user('approver'), shopId);
  }

  /** Does all that waits for somebody. @returns how many acts it took */
  async tend(): Promise<number> {
    const before = this.#count();
    await this.operator.login(`operator-${this.shopId}`, password);
    await this.approver.login(`approver-${this.shopId}`, password);
    for (const { payoutId } of await this.#payouts('review')) {
      await this.#act(this.approver, `payouts/${payoutId}/approve`);
      this.deeds.approved += 1;
    }
    const failed = (await this.#payouts('failed')).filter(
      ({ payoutId }) => !this.#tended.has(payoutId),
    );
    // Accounts first: what is owed to a payee whose account is held is not stated again.
    for (const { payeeId, payoutId } of failed.filter(isPayees)) {
      await this.#act(this.operator, `payees/${payeeId}/mended`);
      this.#tended.add(payoutId);
      this.deeds.mended += 1;
    }
    for (const { payoutId } of failed.filter((payout) => !isPayees(payout))) {
      // An account that has failed meanwhile is mended at the next look, and this one retried then.
      if (!(await this.#act(this.operator, `payouts/${payoutId}/retry`, 'payee-held'))) continue;
      this.#tended.add(payoutId);
      this.deeds.retried += 1;
    }
    return this.#count() - before;
  }

  async #payouts(state: string): Promise<readonly Payout[]> {
    return this.operator.payouts(this.shopId, `?state=${state}`);
  }

  /** @returns false when it is refused for a reason that passes */
  async #act(who: GatewayClient, path: string, passing?: string): Promise<boolean> {
    const call = `/shops/${this.shopId}/${path}`;
    const answer = await who.call('POST', call, { json: { reason: 'as the runbook says' } });
    if (answer.status < 300) return true;
    const code: unknown = Object(answer.body).code;
    if (passing !== undefined && code === passing) return false;
    throw new UnexpectedAnswer(`POST ${call}`, answer, [200]);
  }

  #count(): number {
    const { approved, mended, retried } = this.deeds;
    return approved + mended + retried;
  }
}

/** Whether the payee's account was the reason, as the codes say that the faults give. */
function isPayees({ failure }: Payout): boolean {
  return ['PAYEE_NOT_EXIST', 'PAYEE_ACCOUNT_STATUS_ERROR'].includes(failure?.subCode ?? '');
}
