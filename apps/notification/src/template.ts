import { invariant } from '@qingfen/money';
import { digestTemplates } from './digest.template.js';

/** One language's text; `{name}` stands for a value. */
export interface Wording {
  readonly subject: string;
  readonly body: string;
}

/** What payees, and operators, are told. A version is never edited: mails under way are sent as they were meant. */
export interface Template {
  readonly key: TemplateKey;
  readonly version: number;
  readonly zh: Wording;
  readonly en: Wording;
}

export type TemplateKey =
  | 'statement-issued'
  | 'statement-taxed'
  | 'payout-succeeded'
  | 'payout-failed'
  | 'payout-failed-account'
  | 'payout-returned'
  | 'plan-change'
  | 'plan-change-withdrawn'
  | 'daily-digest'
  | 'daily-digest-corrected';

const templates: readonly Template[] = [
  {
    key: 'statement-issued',
    version: 1,
    zh: {
      subject: '【{shop}】{kindZh}结算单：{net} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 已为您出具{kindZh}结算单。',
        '结算单号：{statementId}',
        '结算周期：{periodZh}',
        '结算金额：{net} {currency}',
        '明细条数：{entryCount}',
        '',
        '款项将支付到您登记的支付宝账户。',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: {kindEn} statement, {net} {currency}',
      body: [
        'Dear {payee},',
        '',
        '{shop} has issued your {kindEn} statement.',
        'Statement: {statementId}',
        'Period: {periodEn}',
        'Net amount: {net} {currency}',
        'Entries: {entryCount}',
        '',
        'It will be paid to your registered Alipay account.',
      ].join('\n'),
    },
  },
  {
    key: 'statement-taxed',
    version: 1,
    zh: {
      subject: '【{shop}】{kindZh}结算单：{net} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 已为您出具{kindZh}结算单，并代扣代缴税款。',
        '结算单号：{statementId}',
        '结算周期：{periodZh}',
        '税前总额：{gross} {currency}',
        '代扣税额：{withheld} {currency}',
        '应付净额：{net} {currency}',
        '明细条数：{entryCount}',
        '',
        '净额将支付到您登记的支付宝账户。',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: {kindEn} statement, {net} {currency}',
      body: [
        'Dear {payee},',
        '',
        '{shop} has issued your {kindEn} statement and withheld tax of it.',
        'Statement: {statementId}',
        'Period: {periodEn}',
        'Gross amount: {gross} {currency}',
        'Tax withheld: {withheld} {currency}',
        'Net amount: {net} {currency}',
        'Entries: {entryCount}',
        '',
        'The net amount will be paid to your registered Alipay account.',
      ].join('\n'),
    },
  },
  {
    key: 'payout-succeeded',
    version: 1,
    zh: {
      subject: '【{shop}】已付款 {amount} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 已向您的支付宝账户支付{kindZh} {amount} {currency}。',
        '付款编号：{payoutId}',
        '结算单号：{statementId}',
        '时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: {amount} {currency} paid',
      body: [
        'Dear {payee},',
        '',
        '{shop} has paid {amount} {currency} ({kindEn}) to your Alipay account.',
        'Payout: {payoutId}',
        'Statement: {statementId}',
        'At: {at}',
      ].join('\n'),
    },
  },
  {
    key: 'payout-failed',
    version: 1,
    zh: {
      subject: '【{shop}】付款未成功 {amount} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 向您支付{kindZh} {amount} {currency} 未成功，款项仍归您所有，将再次结算，您无需操作。',
        '付款编号：{payoutId}',
        '结算单号：{statementId}',
        '时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: {amount} {currency} could not be paid',
      body: [
        'Dear {payee},',
        '',
        '{shop} could not pay you {amount} {currency} ({kindEn}). The amount is still owed to you',
        'and will be settled again; you need not do anything.',
        'Payout: {payoutId}',
        'Statement: {statementId}',
        'At: {at}',
      ].join('\n'),
    },
  },
  {
    key: 'payout-failed-account',
    version: 1,
    zh: {
      subject: '【{shop}】付款未成功，请核对支付宝账户：{amount} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 向您支付{kindZh} {amount} {currency} 未成功，原因在收款账户：{failure}',
        '款项仍归您所有。请核对您登记的支付宝账户与姓名，并联系 {shop} 更新，之后将再次付款。',
        '付款编号：{payoutId}',
        '结算单号：{statementId}',
        '时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: please check your Alipay account, {amount} {currency} could not be paid',
      body: [
        'Dear {payee},',
        '',
        '{shop} could not pay you {amount} {currency} ({kindEn}) because of the receiving account:',
        '{failure}',
        'The amount is still owed to you. Please check the Alipay account and name that you',
        'registered and have {shop} correct them; it will be paid again after that.',
        'Payout: {payoutId}',
        'Statement: {statementId}',
        'At: {at}',
      ].join('\n'),
    },
  },
  {
    key: 'payout-returned',
    version: 1,
    zh: {
      subject: '【{shop}】付款被退回 {amount} {currency}',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 向您支付的{kindZh} {amount} {currency} 被退回，款项仍归您所有。',
        '请核对您登记的支付宝账户，并联系 {shop}，之后将再次付款。',
        '付款编号：{payoutId}',
        '结算单号：{statementId}',
        '时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: {amount} {currency} came back',
      body: [
        'Dear {payee},',
        '',
        'The payment of {amount} {currency} ({kindEn}) from {shop} came back. It is still owed to',
        'you. Please check the Alipay account that you registered and contact {shop}; it will be',
        'paid again after that.',
        'Payout: {payoutId}',
        'Statement: {statementId}',
        'At: {at}',
      ].join('\n'),
    },
  },
  {
    key: 'plan-change',
    version: 1,
    zh: {
      subject: '【{shop}】结算规则将于 {effectiveFrom} 变更',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 发布了新的结算规则（第 {version} 版），自 {effectiveFrom} 起生效。',
        '此时间及之后付款的订单按新规则结算；此前付款的订单仍按原规则结算，包括之后的退款。',
        '如有疑问，请联系 {shop}。',
        '发布时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: settlement rules change on {effectiveFrom}',
      body: [
        'Dear {payee},',
        '',
        '{shop} has published new settlement rules (version {version}), in force from',
        '{effectiveFrom} on. Orders paid at or after that instant are settled under the new rules;',
        'orders paid before it stay under the old ones, their later refunds included.',
        'If you have questions, please ask {shop}.',
        'Published: {at}',
      ].join('\n'),
    },
  },
  {
    key: 'plan-change-withdrawn',
    version: 1,
    zh: {
      subject: '【{shop}】已撤回将于 {effectiveFrom} 生效的结算规则',
      body: [
        '{payee}，您好：',
        '',
        '{shop} 已撤回原定于 {effectiveFrom} 生效的结算规则（第 {version} 版），该版本不会生效。',
        '您无需操作。',
        '撤回时间：{at}',
      ].join('\n'),
    },
    en: {
      subject: '{shop}: the settlement rules of {effectiveFrom} are withdrawn',
      body: [
        'Dear {payee},',
        '',
        '{shop} has withdrawn the settlement rules (version {version}) that were to be in force from',
        '{effectiveFrom} on. They will not take effect. You need not do anything.',
        'Withdrawn: {at}',
      ].join('\n'),
    },
  },
  ...digestTemplates,
];

/** The version of a template that new deliveries are made with. */
export function latestVersion(key: TemplateKey): number {
  return Math.max(...templates.filter((each) => each.key === key).map(({ version }) => version));
}

/** A template as a delivery names it. @throws InvariantError for one that was never shipped */
export function templateOf(key: string, version: number): Template {
  const found = templates.find((each) => each.key === key && each.version === version);
  invariant(found !== undefined, `there is no template ${key} version ${version}`);
  return found;
}

/** Chinese above English, so that every payee can read it. */
export function render(template: Template, values: Readonly<Record<string, string>>): Wording {
  const { zh, en } = template;
  return {
    subject: oneLine(`${filled(zh.subject, values)} / ${filled(en.subject, values)}`),
    body: `${filled(zh.body, values)}\n\n----\n\n${filled(en.body, values)}\n`,
  };
}

function filled(wording: string, values: Readonly<Record<string, string>>): string {
  return wording.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => {
    const value = values[name];
    invariant(value !== undefined, `nothing stands for {${name}}`);
    return value;
  });
}

/** A subject is one line: what names bring along of line ends could begin another header. */
function oneLine(subject: string): string {
  return subject.replace(/\s+/g, ' ').trim();
}
