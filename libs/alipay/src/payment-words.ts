/** What is paid: decides title and the transfer scene that Alipay wants reported. */
export type PaymentKind = 'commission' | 'supplier' | 'team-reward';

/** How a payee is named. */
export interface PayeeAccount {
  readonly identityType: 'ALIPAY_LOGON_ID' | 'ALIPAY_USER_ID' | 'ALIPAY_OPEN_ID';
  readonly identity: string;
  /** Checked by Alipay against the account; required for a log-in id. */
  readonly name?: string | undefined;
}

const KINDS = {
  commission: { title: '佣金结算', scene: '佣金报酬', infoType: '佣金报酬说明' },
  'team-reward': { title: '团队奖励金结算', scene: '佣金报酬', infoType: '佣金报酬说明' },
  supplier: { title: '供应商货款结算', scene: '业务结算', infoType: '结算款项名称' },
} as const;

const REPORT_LENGTH_MAX = 64;

/** The title of a kind where the caller has none. */
export function titleOf(kind: PaymentKind): string {
  return KINDS[kind].title;
}

/** The scene of a kind and its report (alipay.md 3.1); always sent. */
export function sceneOf(
  kind: PaymentKind,
  reported: string,
): {
  readonly transfer_scene_name: string;
  readonly transfer_scene_report_infos: readonly [
    { readonly info_type: string; readonly info_content: string },
  ];
} {
  const { scene, infoType } = KINDS[kind];
  return {
    transfer_scene_name: scene,
    transfer_scene_report_infos: [
      { info_type: infoType, info_content: cutText(reported, REPORT_LENGTH_MAX) },
    ],
  };
}

/** Alipay's `payee_info` of an account. */
export function payeeInfo({ identity, identityType, name }: PayeeAccount): {
  readonly identity: string;
  readonly identity_type: string;
  readonly name?: string;
} {
  const named = name === undefined || name === '' ? {} : { name };
  return { identity, identity_type: identityType, ...named };
}

/** What is wrong with an account as a sentence; undefined when Alipay takes its form. */
export function payeeProblem({ identity, identityType, name }: PayeeAccount): string | undefined {
  if (identity === '' || identity.length > 128) {
    return 'the payee’s identity has 1 to 128 characters';
  }
  const isUnnamed = identityType === 'ALIPAY_LOGON_ID' && (name ?? '') === '';
  return isUnnamed ? 'a payee with a log-in id needs a name' : undefined;
}

/**
 * Without control characters and halves of characters, at most so many UTF-16 units, no half cut.
 */
export function cutText(text: string, lengthMax: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  let kept = '';
  for (const character of clean) {
    if (kept.length + character.length > lengthMax) break;
    kept += character;
  }
  return kept.trimEnd();
}
