import type { ServiceEnv } from '@qingfen/hosting';
import type { CallRates } from './call-rate.js';

/**
 * What one application may be called a second where nothing is set. Alipay publishes no number for
 * transfers; 30 is what it allows a seller to split trades (alipay.md 2.4, 2026-11).
 */
const usual = 30;

/**
 * Calls a second of one application, by all replicas together: `ALIPAY_TRANSFERS_PER_SECOND` and
 * `ALIPAY_QUERIES_PER_SECOND`, a positive number or `none`. Where money is play money there is none.
 */
export function callRatesOf(env: Pick<ServiceEnv, 'count' | 'setting' | 'environment'>): CallRates {
  const otherwise = env.environment === 'local-sandbox' ? 'none' : String(usual);
  const rateOf = (name: string): number | undefined =>
    env.setting(name, otherwise) === 'none' ? undefined : env.count(name, usual);
  const transfer = rateOf('ALIPAY_TRANSFERS_PER_SECOND');
  const query = rateOf('ALIPAY_QUERIES_PER_SECOND');
  return {
    ...(transfer === undefined ? {} : { transfer }),
    ...(query === undefined ? {} : { query }),
  };
}
