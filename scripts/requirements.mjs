// Writes docs/requirements.md: each requirement, what it asks for, and the tests whose titles name
// it. `--check` compares instead. Plain Node: it must run without node_modules.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testTitles } from './test-titles.mjs';

const root = path.dirname(import.meta.dirname);
const target = path.join(root, 'docs', 'requirements.md');

/** Id, what the source article asks for (or where we go further), and what done means. */
const requirements = [
  [
    'R-ALI-1',
    '单笔转账',
    'Single transfers and their queries through the real SDK, in certificate and key mode, with transfer scenes',
  ],
  ['R-ALI-2', '批量付款', 'Batch payments, each detail resolved by itself'],
  [
    'R-ALI-3',
    '分账',
    'Royalty: relations, rate cap, settle, query, refund with split return; what does not fit goes by transfer',
  ],
  [
    'R-ALI-4',
    '商户ID, APPID, 密钥, 回调地址',
    'Credentials per shop, encrypted, never shown again; a test that really signs and asks',
  ],
  [
    'R-ALI-5',
    '回调',
    'Notifications: signature, application and amount checked, idempotent, never trusted over a query',
  ],
  ['R-RUL-1', '结算规则模板', 'Templates for supplier, commission and team reward'],
  ['R-RUL-2', '固定比例, 固定金额, 阶梯, 混合', 'All forms of a share'],
  [
    'R-RUL-3',
    '结算周期 日/周/月, 触发条件',
    'Cycles with time zone and cutoffs, catch-up; return window; days after receipt',
  ],
  ['R-RUL-4', '结算条件', 'Minimum with carry-over; tasks of payees; conditions of orders'],
  [
    'R-RUL-5',
    '规则变更: 新规则只对新订单生效',
    'Immutable versions bound at the payment; notice period',
  ],
  ['R-RUL-6', '动态结算规则', 'Rates that follow live facts'],
  ['R-RUL-7', '(beyond) 模拟', 'Simulation of a draft on past orders; guard rails'],
  ['R-COM-1', '分销佣金自动结算', 'Commissions: completed and past the return window, every night'],
  ['R-COM-2', '三级分润', 'Commissions of several levels, to the fen'],
  ['R-COM-3', '争议订单暂缓', 'Holds by disputes'],
  [
    'R-SUP-1',
    '供应商结算: 确认收货后第7天, 每周一',
    'Suppliers: price less fee less commissions, weekly',
  ],
  ['R-SUP-2', '自动发送结算单', 'Statements told to the payee'],
  ['R-TEA-1', '团队奖励: 每月最后一天, 阶梯', 'Team rewards, monthly'],
  [
    'R-TST-1',
    '沙箱全流程测试',
    'A faithful sandbox, and the switch to Alipay’s own by configuration',
  ],
  ['R-TST-2', '正常, 退款, 部分退款', 'Journeys: normal, refund, partial refund'],
  [
    'R-TST-3',
    '余额不足, 收款账户异常',
    'Journeys and faults: lack of funds, payees’ accounts that fail',
  ],
  ['R-TST-4', '小规模真实测试, 分阶段', 'Rollout in stages'],
  ['R-RSK-1', '单日/单笔限额', 'Limits per payout, payee and shop'],
  ['R-RSK-2', '大额, 频繁 预警', 'Alerts with thresholds, a review queue'],
  ['R-RSK-3', '黑白名单', 'Block and allow lists'],
  ['R-RSK-4', 'AI智能风控', 'An explained anomaly score'],
  ['R-REC-1', '每日结算报表', 'A daily report'],
  ['R-REC-2', '与订单系统自动对账', 'Orders against entries'],
  ['R-REC-3', '差异自动标记并提醒', 'Typed differences with alerts'],
  ['R-REC-4', '(beyond) 对支付宝账单', 'Payouts against Alipay’s bill'],
  ['R-NOT-1', '通知模板', 'Versioned templates in Chinese and English'],
  ['R-NOT-2', '支付宝消息, 短信, 小程序', 'Channels with retries'],
  ['R-NOT-3', '明细在线查看和下载', 'A page and downloads for payees'],
  [
    'R-FAI-1',
    '结算失败: 余额, 收款账户, 接口限制, 网络',
    'The four cases handle themselves and tell what to do',
  ],
  ['R-REF-1', '延迟期', 'Return window and delay days'],
  ['R-REF-2', '退款自动移除', 'A refund before the statement'],
  ['R-REF-3', '已结算退款 扣除或追回', 'Clawback and recovery'],
  ['R-SEC-1', '备份', 'Backup and restore that lose nothing'],
  ['R-SEC-2', '敏感信息加密', 'Encryption with key rotation; blind index'],
  ['R-SEC-3', '操作日志', 'Every write audited'],
  ['R-SEC-4', '权限分级', 'Roles per shop; maker is not checker'],
  ['R-OPS-1', '每日报表摘要, 关键指标预警', 'Digest, alert rules, dashboards'],
  ['R-OPS-2', '人工干预, 紧急停止', 'Hold, retry, cancel, emergency stop, with reason'],
  ['R-OPS-3', '月度审计', 'An audit package that verifies offline'],
  [
    'R-OPS-4',
    '操作手册, 应急预案',
    'Operator’s manual in Chinese and English, a runbook per alert',
  ],
  [
    'R-OPS-5',
    '关注支付宝政策更新',
    'Limits, scenes and error classes are data with a source; unknown codes alert',
  ],
  ['R-EVO-1', '区块链结算: 不可篡改', 'A hash chain with Merkle proofs'],
  ['R-EVO-2', '跨境 多币种', 'Currencies with their own digits'],
  [
    'R-ARC-1',
    '(design card)',
    'Nx, NestJS on Kafka, TypeORM and PostgreSQL, the Alipay SDK, big.js, jest',
  ],
  ['R-IMP-1', '(beyond) 导入', 'Payees by CSV, opening balances'],
  ['R-FOR-1', '(beyond) 资金预测', 'A cash forecast'],
  ['R-TAX-1', '(beyond) 税务', 'Sums for tax reports; withholding when switched on'],
  ['R-HLD-1', '人工干预', 'Hold and release of a payee, an order, a run'],
  [
    'R-UPS-1',
    '(beyond) 上游',
    'For order systems: a parse-only check, JSON Schemas, sample producers',
  ],
  [
    'R-EXP-1',
    '(beyond) 解释',
    'Every entry, statement and payout recomputed from facts and compared; why somebody was not paid',
  ],
  ['R-ALR-1', '提醒', 'Alerts listed, each with its runbook'],
  ['R-ONC-1', '(beyond) 值班', 'One correlation id from the order to Alipay’s answer'],
];

const id = /\bR-[A-Z]{3}-\d+\b/g;

/** Ids by the files whose test titles name them. */
function proofs() {
  const found = new Map();
  const strays = new Set();
  const known = new Set(requirements.map(([name]) => name));
  for (const { file, titles } of testTitles()) {
    for (const name of new Set(titles.flatMap((each) => each.match(id) ?? []))) {
      if (!known.has(name)) strays.add(`${file} names ${name}, which is no requirement`);
      const count = titles.filter((each) => (each.match(id) ?? []).includes(name)).length;
      found.set(name, [...(found.get(name) ?? []), { file, count }]);
    }
  }
  return { found, strays: [...strays] };
}

function page({ found }) {
  const proven = requirements.filter(([name]) => found.has(name));
  const open = requirements.filter(([name]) => !found.has(name));
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const proof = ({ file }) => `[${path.basename(file)}](../${file})`;
  return [
    '# Requirements and where they are proven',
    '',
    'Written by `node scripts/requirements.mjs` from the titles of the tests: a test that proves a',
    'requirement begins with its id. Not every case of a requirement that has a test is offered in',
    'this version; [CHANGELOG.md](../CHANGELOG.md) says what is.',
    '',
    '<!-- prettier-ignore-start -->',
    '',
    `## With tests (${proven.length})`,
    '',
    row(['id', 'what', 'asked for as', 'proven by']),
    row(['---', '---', '---', '---']),
    ...proven.map(([name, asked, done]) =>
      row([name, done, asked, found.get(name).map(proof).join('<br>')]),
    ),
    '',
    `## Without a test yet (${open.length})`,
    '',
    row(['id', 'what', 'asked for as']),
    row(['---', '---', '---']),
    ...open.map(([name, asked, done]) => row([name, done, asked])),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

const facts = proofs();
for (const stray of facts.strays) process.stderr.write(`${stray}\n`);
const wanted = page(facts);
if (process.argv.includes('--check')) {
  const isSame = existsSync(target) && readFileSync(target, 'utf8') === wanted;
  if (!isSame) {
    process.stderr.write('docs/requirements.md is not up to date: node scripts/requirements.mjs\n');
  }
  process.exitCode = isSame && facts.strays.length === 0 ? 0 : 1;
} else {
  writeFileSync(target, wanted);
  process.exitCode = facts.strays.length === 0 ? 0 : 1;
}
