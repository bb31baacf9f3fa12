import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { askSecondPerson } from '@qingfen/approvals';
import type { RolloutBody } from '@qingfen/contracts';
import type { PartKind } from '@qingfen/core-plan';
import { bringsInside, type Rollout } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { audit, invalid, ServiceEnv } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import type { ApprovalRow, Wanted } from './approval.js';
import { insertClosing, keepRollout, rolloutsOf } from './rollout.store.js';
import { runKinds } from './schedule.store.js';

export type Rollouts = Readonly<Record<PartKind, Rollout>>;

/** Kinds that are set anew, and until when what payees that come inside are owed is settled elsewhere. */
export interface RolloutChange {
  readonly kinds: Partial<Rollouts>;
  /** ISO 8601; null: nothing is closed, whoever comes inside is paid all that is open. */
  readonly settledBefore: string | null;
}

type RolloutOutcome =
  | { readonly kind: 'kept'; readonly rollouts: Rollouts }
  | { readonly kind: 'wanted'; readonly approval: ApprovalRow };

/**
 * Which payees of a kind are really paid (domain.md 6, R-TST-4). Until somebody sets it, everybody is
 * where money is play money, and nobody anywhere else.
 */
@Injectable()
export class RolloutService {
  private readonly untilSet: Rollout;

  constructor(@Inject(ServiceEnv) env: Pick<ServiceEnv, 'environment'>) {
    this.untilSet = { mode: env.environment === 'local-sandbox' ? 'all' : 'dry-run' };
  }

  async of(tx: Pick<Tx, 'query'>, shopId: string, kind: PartKind): Promise<Rollout> {
    return (await rolloutsOf(tx, shopId)).get(kind) ?? this.untilSet;
  }

  async all(tx: Pick<Tx, 'query'>, shopId: string): Promise<Rollouts> {
    const set = await rolloutsOf(tx, shopId);
    const of = (kind: PartKind): Rollout => set.get(kind) ?? this.untilSet;
    return {
      supplier: of('supplier'),
      commission: of('commission'),
      'team-reward': of('team-reward'),
    };
  }

  /**
   * Sets kinds for the runs that begin from now on; with `settledBefore` when a second person has said
   * yes, for it ends what is owed without a payout.
   * @throws ProblemError 422 for a `settledBefore` that is to come, or with which nobody comes inside
   */
  async put(
    unit: Unit,
    act: { readonly shopId: string; readonly caller: Caller; readonly body: RolloutBody },
  ): Promise<RolloutOutcome> {
    const { shopId, caller, body } = act;
    const before = await this.all(unit.tx, shopId);
    const change = changeOf(body);
    if (change.settledBefore === null) {
      await this.apply(unit, act, change);
      return { kind: 'kept', rollouts: { ...before, ...change.kinds } };
    }
    insistOnPast(parseInstant(change.settledBefore), unit.now);
    if (!runKinds.some((kind) => bringsInside(before[kind], change.kinds[kind] ?? before[kind]))) {
      throw invalid([nobodyComes]);
    }
    const approval = await askSecondPerson<Wanted>(unit, {
      shopId,
      wanted: { wants: 'rollout', document: change },
      subjectId: 'rollout',
      summary: summaryOf(change),
      maker: caller.subject,
    });
    await this.note(unit, act, { action: 'rollout.request', before, after: change });
    return { kind: 'wanted', approval };
  }

  /** Sets the kinds, and notes what is to be closed before another run of the shop begins. */
  async apply(
    unit: Unit,
    act: { readonly shopId: string; readonly caller: Caller },
    change: RolloutChange,
  ): Promise<void> {
    const before = await this.all(unit.tx, act.shopId);
    for (const kind of runKinds) {
      const rollout = change.kinds[kind];
      if (rollout === undefined) continue;
      await keepRollout(unit.tx, act.shopId, kind, rollout);
      if (change.settledBefore === null || !bringsInside(before[kind], rollout)) continue;
      await insertClosing(unit.tx, {
        shop_id: act.shopId,
        kind,
        settled_before: parseInstant(change.settledBefore),
        rollout_before: before[kind],
        rollout_after: rollout,
      });
    }
    await this.note(unit, act, { action: 'rollout.set', before, after: change });
  }

  private async note(
    unit: Unit,
    { shopId, caller }: { readonly shopId: string; readonly caller: Caller },
    entry: { readonly action: string; readonly before: Rollouts; readonly after: RolloutChange },
  ): Promise<void> {
    await audit(unit.tx, {
      ...entry,
      caller,
      subject: { type: 'shop', id: shopId },
      shopId,
      reason: null,
      at: unit.now,
    });
  }
}

function changeOf({ settledBefore, ...kinds }: RolloutBody): RolloutChange {
  return { kinds, settledBefore: settledBefore ?? null };
}

function insistOnPast(settledBefore: Date, now: Date): void {
  if (settledBefore.getTime() <= now.getTime()) return;
  const message = 'is to come: nothing is settled elsewhere before it has matured';
  throw invalid([{ pointer: '/settledBefore', message, messageZh: '晚于当前时间' }]);
}

const nobodyComes = {
  pointer: '/settledBefore',
  message: 'is for payees that come inside, and with this change nobody does',
  messageZh: '仅用于新纳入付款范围的收款方，而本次变更没有新纳入任何人',
};

function summaryOf({ kinds, settledBefore }: RolloutChange): string {
  const parts = Object.entries(kinds).map(([kind, rollout]) => `${kind} ${wordsOf(rollout)}`);
  return `Rollout (灰度): ${parts.join(', ')}; what matured before ${settledBefore ?? ''} of payees that come inside is settled elsewhere and never paid.`;
}

function wordsOf(rollout: Rollout): string {
  if (rollout.mode === 'percentage') return `${rollout.percentage} %`;
  if (rollout.mode === 'pilot') return `pilot of ${rollout.payees.length} payees`;
  return rollout.mode;
}
