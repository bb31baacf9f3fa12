const zhBody = [
  '{shop} 的运营者，您好：',
  '',
  '{shop} {day} 的结算日报（按店铺时区 {timezone}）。',
  '',
  '需要人工处理：',
  '{needsZh}',
  '',
  '当日结算与付款：',
  '{movedZh}',
  '',
  '尚未完成的付款：',
  '{openZh}',
  '',
  '支付宝余额（北京时间 {day} 日终）：',
  '{cashZh}',
  '',
  '未来几天预计应付：',
  '{foreseenZh}',
  '',
  '“尚未完成”和“需要人工处理”截至 {at}。',
  '完整日报：/api/v1/shops/{shopId}/reports/daily/{day}（可下载 .csv、.xlsx）',
].join('\n');

const enBody = [
  'Dear operator of {shop},',
  '',
  'this is the daily report of {shop} for {day} (time zone {timezone}).',
  '',
  'For somebody to look at:',
  '{needsEn}',
  '',
  'Settled and paid on the day:',
  '{movedEn}',
  '',
  'Payouts that have not ended:',
  '{openEn}',
  '',
  'Alipay balance (end of {day} in Beijing):',
  '{cashEn}',
  '',
  'Expected to fall due on the next days:',
  '{foreseenEn}',
  '',
  'What has not ended, and what is to be looked at, is as of {at}.',
  'The whole report: /api/v1/shops/{shopId}/reports/daily/{day} (.csv and .xlsx too)',
].join('\n');

/** What the operator of a shop is told of a day, and once more where it came to something else. */
export const digestTemplates = [
  {
    key: 'daily-digest',
    version: 1,
    zh: { subject: '【{shop}】{day} 结算日报：{headlineZh}', body: zhBody },
    en: { subject: '{shop}: daily report of {day}, {headlineEn}', body: enBody },
  },
  {
    key: 'daily-digest-corrected',
    version: 1,
    zh: corrected(
      '【{shop}】{day} 结算日报（更正）：{headlineZh}',
      '本邮件更正此前的日报。',
      zhBody,
    ),
    en: corrected(
      '{shop}: corrected daily report of {day}, {headlineEn}',
      'This mail corrects the report that you were sent before.',
      enBody,
    ),
  },
] as const;

function corrected(
  subject: string,
  notice: string,
  body: string,
): { readonly subject: string; readonly body: string } {
  return { subject, body: `${notice}\n\n${body}` };
}
