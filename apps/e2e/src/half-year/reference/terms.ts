import type { ReferencePlan } from '@qingfen/testing';

/** A tier of the team reward, as the plan document has it. */
export interface TeamTier {
  readonly from: string;
  readonly rate: string;
  readonly fixed?: string;
}

/** What decides a shop's money for the whole half year: one plan version, one transfer limit. */
export interface ShopTerms {
  readonly shopId: string;
  /** The split of a line: fee, cascade, supplier. */
  readonly plan: ReferencePlan;
  readonly teamTiers: readonly TeamTier[];
  readonly returnWindowDays: number;
  readonly supplierDelayDays: number;
  readonly minPayout: string;
  readonly transferMax: string;
}

/** What is paid to payees, apart from each other. */
export type Kind = 'commission' | 'supplier' | 'team-reward';
