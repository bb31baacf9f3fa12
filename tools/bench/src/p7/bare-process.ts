import { AlipaySdk } from 'alipay-sdk';
import { setTimeout as pause } from 'node:timers/promises';
import type { BareTask } from './task.js';

const task: BareTask = JSON.parse(process.argv[2] ?? '');
const sdk = new AlipaySdk({ ...task.sdk, timeout: 30_000 });
const gapMs = 1_000 / task.perSecond;
let next = 0;
let turnMs = performance.now();

/** Turns keep apart, and none that was missed is made up for: so many at once would be above the limit. */
async function turnComes(): Promise<void> {
  turnMs = Math.max(turnMs + gapMs, performance.now());
  const waitMs = turnMs - performance.now();
  if (waitMs > 0) await pause(waitMs);
}

/** One of so many loops that take the next payment, wait for its turn, and pay it. Nothing is kept. */
async function loop(): Promise<void> {
  for (let number = next++; number < task.count; number = next++) {
    // Calls that the machine has delayed may arrive as one too many in a second: they are made again.
    while (!(await isPaid(number)));
  }
}

/** @returns false where the gateway was called too often */
async function isPaid(number: number): Promise<boolean> {
  await turnComes();
  const bizContent = {
    out_biz_no: `${task.prefix}${String(number).padStart(24, '0')}`,
    trans_amount: '1.00',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: 'bench',
    remark: 'bench',
    payee_info: { identity_type: 'ALIPAY_LOGON_ID', identity: `${number}@bare.test`, name: 'x' },
    transfer_scene_name: '佣金报酬',
    transfer_scene_report_infos: [{ info_type: '佣金报酬说明', info_content: '佣金' }],
  };
  const { code, subCode } = await sdk.exec(
    'alipay.fund.trans.uni.transfer',
    { bizContent },
    { validateSign: true },
  );
  if (code === '40005') return false;
  if (code !== '10000') throw new Error(`it answered ${code} ${subCode}`);
  return true;
}

await Promise.all(Array.from({ length: task.concurrency }, loop));
process.stdout.write(`${JSON.stringify({ done: task.count })}\n`);
process.exit(0);
