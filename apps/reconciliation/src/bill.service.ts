import { Inject, Injectable } from '@nestjs/common';
import { readBill, type BillReading } from '@qingfen/alipay-bills';
import { advisoryLock, type Tx } from '@qingfen/database';
import { ServiceClient, ServiceEnv, type ServiceAnswer } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { createHash } from 'node:crypto';
import { forgetLines, LineCopy } from './bill-line.store.js';
import { keepBill, lastBill, nextBillNo, type Bill, type ShopDay } from './bill.store.js';
import { allowLong } from './long-transaction.js';

/** What came of fetching a bill. */
export type Fetched =
  | { readonly kind: 'there' }
  /** It is a matter of time. */
  | { readonly kind: 'not-ready'; readonly why: string }
  /** There is a file, and it is not to be believed; Alipay may give a better one. */
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Somebody has to do something first. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody could be asked: to be tried again at once. */
  | { readonly kind: 'unreachable'; readonly why: string };

/** Longer than payout takes for all its tries. */
const downloadMs = 240_000;
/** A file of up to so many bytes is read well within the time that any statement has. */
const quickBytesMax = 1024 * 1024;

/** Has Alipay's bills fetched by payout, keeps them byte for byte and copies their lines. */
@Injectable()
export class BillService {
  constructor(
    @Inject(ServiceEnv) private readonly env: Pick<ServiceEnv, 'count'>,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'download'>,
    @Inject(Units) private readonly units: Units,
  ) {}

  /** Fetches the bill of a day, whether one is there already or not; the same file changes nothing. */
  async fetch(of: ShopDay): Promise<Fetched> {
    const answer = await this.ask(of);
    if (Buffer.isBuffer(answer.body)) return this.take(of, answer.body);
    const { code = '', detail = '' } = answer.body ?? {};
    if (answer.status === 204) return this.takeNothing(of);
    if (answer.status === 409) return { kind: 'not-ready', why: detail };
    const why = `${code}: ${detail}`;
    return { kind: answer.status >= 500 ? 'unreachable' : 'refused', why };
  }

  private ask({
    shopId,
    day,
  }: ShopDay): Promise<ServiceAnswer<Buffer | { code?: string; detail?: string } | null>> {
    return this.client.download({
      service: 'payout',
      method: 'GET',
      path: `/internal/shops/${encodeURIComponent(shopId)}/alipay/bills/${day}`,
      timeoutMs: downloadMs,
    });
  }

  private async take(of: ShopDay, bytes: Buffer): Promise<Fetched> {
    const file = { bytes, sha256: sha256Of(bytes) };
    try {
      return await this.units.run((unit) => this.readInto(unit, of, file));
    } catch (error) {
      // What was copied of it is gone with the transaction; the file itself is evidence, and kept.
      if (!(error instanceof NotBelieved)) throw error;
      return this.units.run((unit) => keepOnce(unit, of, file, error.reading));
    }
  }

  private async readInto(unit: Unit, of: ShopDay, file: BillFile): Promise<Fetched> {
    if (file.bytes.length > quickBytesMax) await allowLong(unit.tx);
    const last = await lastUnderLock(unit, of);
    if (last?.sha256 === file.sha256) return outcomeOf(last);
    await forgetLines(unit.tx, of);
    const billNo = await nextBillNo(unit.tx);
    const reading = await this.copyLines(unit.tx, of, { ...file, billNo });
    if (reading.kind === 'unreadable') throw new NotBelieved(reading);
    return keepOnce(unit, of, { ...file, billNo }, reading);
  }

  /** What is wrong with the file is told, not thrown. */
  private async copyLines(tx: Tx, of: ShopDay, { billNo, bytes }: NumberedFile): Promise<Kept> {
    const copy = new LineCopy(tx, of, billNo);
    try {
      const reading = await readBill(
        {
          bytes,
          day: of.day,
          unzippedBytesMax: this.env.count('BILL_UNZIPPED_BYTES_MAX', 2_000_000_000),
          linesMax: this.env.count('BILL_LINES_MAX', 10_000_000),
        },
        (lines) => copy.write(lines),
      );
      if (reading.kind === 'unreadable') return reading;
      await copy.end();
      const { tradeLines, sums } = copy;
      return { kind: 'read', summary: { ...reading.summary, tradeLines, sums } };
    } finally {
      await copy.close();
    }
  }

  /** Alipay says that there is nothing: a bill of no lines and no bytes, unless there is another. */
  private takeNothing(of: ShopDay): Promise<Fetched> {
    return this.units.run(async (unit) => {
      const last = await lastUnderLock(unit, of);
      if (last !== null) return outcomeOf(last);
      const bytes = Buffer.alloc(0);
      const reading = { kind: 'read', summary: nothingRead } as const;
      return keepOnce(unit, of, { bytes, sha256: sha256Of(bytes) }, reading);
    });
  }
}

interface BillFile {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A file whose lines are there already, under the number of its bill. */
interface NumberedFile extends BillFile {
  readonly billNo: bigint;
}

/** Takes back what was copied of a file that turned out to be no bill. */
class NotBelieved extends Error {
  override readonly name = 'NotBelieved';

  constructor(readonly reading: Extract<BillReading, { kind: 'unreadable' }>) {
    super(reading.why);
  }
}

type Kept =
  | Extract<BillReading, { kind: 'unreadable' }>
  | {
      readonly kind: 'read';
      readonly summary: Pick<
        Bill,
        'account' | 'lineCount' | 'tradeLines' | 'sums' | 'openingMinor' | 'closingMinor'
      >;
    };

const nothingRead = {
  ...{ account: '', lineCount: 0, tradeLines: 0, sums: new Map<never, bigint>() },
  ...{ openingMinor: null, closingMinor: null },
};

/** As the next version of its day; the file that is the last one already is not kept twice. */
async function keepOnce(
  unit: Unit,
  of: ShopDay,
  file: BillFile | NumberedFile,
  reading: Kept,
): Promise<Fetched> {
  const last = await lastUnderLock(unit, of);
  if (last?.sha256 === file.sha256) return outcomeOf(last);
  const { problem, why } = reading.kind === 'read' ? { problem: null, why: null } : reading;
  const summary = reading.kind === 'read' ? reading.summary : nothingRead;
  const { account, lineCount, tradeLines, sums, openingMinor, closingMinor } = summary;
  const bill = {
    ...file,
    billNo: 'billNo' in file ? file.billNo : await nextBillNo(unit.tx),
    version: (last?.version ?? 0) + 1,
    byteCount: BigInt(file.bytes.length),
    fetchedAt: unit.now,
    ...{ problem, why, account, lineCount, tradeLines, sums, openingMinor, closingMinor },
  };
  await keepBill(unit.tx, of, bill);
  return outcomeOf(bill);
}

/** Of two who fetch the same bill at once the second waits, and finds what the first has kept. */
async function lastUnderLock({ tx }: Unit, of: ShopDay): Promise<Bill | null> {
  await advisoryLock(tx, `bill ${of.shopId} ${of.day}`, 'exclusive');
  return lastBill(tx, of, 'any');
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function outcomeOf({ problem, why }: Bill): Fetched {
  return problem === null
    ? { kind: 'there' }
    : { kind: 'unreadable', why: `${problem}: ${why ?? ''}` };
}
