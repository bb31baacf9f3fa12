import { billAddress } from './bill-address.js';
import { billPeriod, isTooOld } from './bill-period.js';
import { billLines } from './bill-tables.js';
import type { CheckedCall } from './checks.js';
import { realNowMs } from './clock.js';
import { textOf } from './fields.js';
import { answerOnly } from './handler.js';
import type { Circumstances, Handler } from './handler.js';
import type { Node } from './protocol.js';
import { refusal, success } from './refusals.js';

/** `alipay.data.dataservice.bill.downloadurl.query` */
export const billHandler: Handler = {
  decide: (_state, call, circumstances) => answerOnly(billAnswer(call, circumstances)),
};

function billAnswer({ merchant, biz }: CheckedCall, circumstances: Circumstances): Node {
  const { at, billFlaw: flaw, origin } = circumstances;
  const type = textOf(biz, 'bill_type');
  if (type !== 'trade' && type !== 'signcustomer') return refusal('TYPE_NOT_SUPPORTED');
  const period = billPeriod(type, textOf(biz, 'bill_date'));
  if (period === undefined || period.toMs > at || isTooOld(period, at)) {
    return refusal('INVAILID_ARGUMENTS', 'bill_date');
  }
  if (at < period.readyAtMs) return refusal('BILL_NOT_EXIST');
  const isEmpty = flaw === 'bill-empty' || billLines(merchant, period).length === 0;
  return success({
    bill_download_url: billAddress(origin, merchant.terms, { period, flaw }, realNowMs()),
    bill_file_code: isEmpty ? 'EMPTY_DATA_WITH_BILL_FILE' : null,
  });
}
