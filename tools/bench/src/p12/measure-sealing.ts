import type { MeasureContext } from '../context.js';
import { compete, spreadOf, type Contender, type MeasureResult } from '../measure.js';
import { expectedBooks } from '../p3/expected-books.js';
import { runProduct, type ProductRound } from '../p3/product-run.js';
import { linesPerOrder, type PublishedOrders } from '../p3/published-orders.js';
import { nothingSealed, sealedToTheEnd, type Sealing } from './sealed-journal.js';

/** Half of P3's: two contenders take turns here, and each round is verified besides. */
const orderCount = 60_000;
const warmUp = 10_000;
/** As in production, where this is the default; there is no shorter interval. */
const everySecond = { LEDGER_SEAL_SECONDS: '1' };
/** The longest there is: the look at the start finds nothing, and the next one is not in a round. */
const onceADay = { LEDGER_SEAL_SECONDS: '86400' };

/** P12, the sealer's share: what P3's orders lose by a journal that is sealed while they are booked. */
export async function measureSealing(
  context: MeasureContext,
  published: PublishedOrders,
): Promise<MeasureResult> {
  const { servers, rounds, say } = context;
  say(`P12: publishing ${orderCount} orders`);
  const { orders, secrets, secretsFile } = await published.first(context, orderCount);
  const expected = expectedBooks(orders);
  const seen: Sealing[] = [];
  const booking = (name: string, terms: Pick<ProductRound, 'settings' | 'atEnd'>): Contender => ({
    name,
    run: () => runProduct({ servers, secrets, secretsFile, expected, warmUp, ...terms }),
  });
  const sealed = booking('sealed every second', {
    settings: everySecond,
    atEnd: async (running) => {
      seen.push(await sealedToTheEnd(running, secrets));
    },
  });
  const unsealed = booking('never sealed', { settings: onceADay, atEnd: nothingSealed });
  return compete(
    {
      id: 'P12',
      title: 'orders from Kafka to committed books while the journal is sealed',
      unit: 'orders/s',
      better: 'greater',
      rounds,
      product: sealed,
      baselines: [{ ...unsealed, goal: { must: 0.9, aim: 1 } }],
      say,
    },
    () =>
      `${orderCount} orders of ${linesPerOrder(orders)} lines, ${warmUp} of them to warm up; ` +
      `${noteOf(seen)}; O1-O3 held after every round`,
  );
}

function noteOf(seen: readonly Sealing[]): string {
  const of = (figure: keyof Sealing): string => {
    const { median, min, max } = spreadOf(seen.map((one) => one[figure]));
    return [median, min, max]
      .map((value) => value.toFixed(figure === 'lagSeconds' ? 1 : 0))
      .join('/');
  };
  return (
    `sealed (median/min/max): ${of('blocks')} blocks, all verified, ${of('percentAtEnd')} % of the facts ` +
    `by the last commit and all of them ${of('lagSeconds')} s later; without the sealer none`
  );
}
