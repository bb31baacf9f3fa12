import { nextLocalMidnight } from '@qingfen/calendar';
import type { WaitReason } from './states.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

// Alipay's limits are per Beijing day, for every shop.
const alipayZone = 'Asia/Shanghai';

/**
 * When a waiting payout is looked at again if nothing else ends its wait; business time.
 * Null: only an event ends it (a stop that is lifted). One that waits for its payer does not go on then:
 * Alipay is asked about it.
 */
export function recheckAtFor(reason: WaitReason, now: Date): Date | null {
  switch (reason) {
    case 'stop':
      return null;
    case 'confirmation':
      return new Date(now.getTime() + 10 * minuteMs);
    case 'rate':
      return new Date(now.getTime() + minuteMs);
    case 'funds':
      return new Date(now.getTime() + 5 * minuteMs);
    case 'credentials':
      return new Date(now.getTime() + hourMs);
    case 'payee':
      return new Date(now.getTime() + 24 * hourMs);
    case 'limit':
    case 'cooling-off':
      return nextLocalMidnight(now, alipayZone);
  }
}
