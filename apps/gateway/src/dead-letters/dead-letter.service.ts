import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import {
  isTopic,
  problem,
  topicNames,
  type DeadLetter,
  type DeadLetterQuery,
  type DeadLetterReplay,
  type DeadLetterReplayBody,
  type Page,
  type Topic,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  audit,
  cursorAt,
  LOGGER,
  placeAfter,
  placePart,
  ProblemError,
  ServiceEnv,
} from '@qingfen/hosting';
import {
  createKafka,
  DeadLettersAway,
  deadLettersStanding,
  isKafkaError,
  readDeadLetters,
  sendingBack,
} from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import type { Kafka } from 'kafkajs';
import { badQuery, notValid, tooMany } from '../refusals.js';
import { letterShown } from './dead-letter.view.js';
import { ReplayCourse, type Replayed } from './replay-course.js';

/** Each reading has a connection and a consumer of its own. */
const atOnceMax = 4;
/** One page carries no more text than this, but always one letter. */
const pageCharsMax = 4 * 1024 * 1024;

/** Lists dead letters and sends them back. */
@Injectable()
export class DeadLetterService {
  private readonly kafka: Kafka;
  private underWay = 0;

  constructor(
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'brokers' | 'instance'>,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.kafka = createKafka({
      brokers: env.brokers,
      clientId: `gateway-${env.instance}-dead-letters`,
      logger,
      retries: 2,
    });
  }

  /**
   * Topic by topic in the contract's order, each oldest first.
   *
   * @throws ProblemError 400 for a cursor of another list, 429, and 503 when Kafka does not answer
   */
  async page(query: DeadLetterQuery): Promise<Page<DeadLetter>> {
    const place = placeOf(query);
    return this.withKafka(async () => {
      const found = await this.read(place, query.limit);
      const items: DeadLetter[] = [];
      let chars = 0;
      for (const letter of found) {
        chars += letter.value?.length ?? 0;
        if (items.length === query.limit || (items.length > 0 && chars > pageCharsMax)) break;
        items.push(letter);
      }
      const last = items.length < found.length ? items.at(-1) : undefined;
      return { items, nextCursor: last === undefined ? null : cursorAt([last.topic, last.offset]) };
    });
  }

  /**
   * Sends letters back to their topic, unchanged. Who wanted it stands in the audit before the first
   * goes, and what became of it afterwards.
   *
   * @throws ProblemError 422 for an offset at which nothing stands, 429, and 503 when Kafka does not
   *   answer: some may have gone by then, and sending them again makes no second event
   */
  replay(body: DeadLetterReplayBody, caller: Caller): Promise<DeadLetterReplay> {
    return this.withKafka(async () => {
      const { topic } = body;
      const [standing] = await deadLettersStanding(this.kafka, [topic]);
      const low = standing?.from ?? 0n;
      const end = standing?.end ?? 0n;
      refuseAbsent(body, { low, end });
      const course = new ReplayCourse(body, { low, end });
      await this.note(body, caller, 'dead-letters.replay', course.wanted());
      try {
        if (!course.isEmpty()) await this.send(topic, course);
      } finally {
        await this.note(body, caller, 'dead-letters.replayed', course.done());
      }
      return { topic, ...course.done() };
    });
  }

  /** As many letters of each topic as one page takes, and one more. */
  private async read(place: ListPlace, limit: number): Promise<DeadLetter[]> {
    const { topics, after } = place;
    const held = new Map<Topic, { letters: DeadLetter[]; chars: number }>(
      topics.map((topic) => [topic, { letters: [], chars: 0 }]),
    );
    await readDeadLetters({
      kafka: this.kafka,
      topics,
      from: (topic) => (after?.topic === topic ? after.offset + 1n : null),
      onLetter: (letter) => {
        const own = held.get(letter.topic);
        if (own === undefined) throw new Error(`${letter.topic} was not asked for`);
        const isBeyond = own.letters.length === limit || own.chars > pageCharsMax;
        const shown = letterShown(letter);
        own.letters.push(shown);
        own.chars += shown.value?.length ?? 0;
        return Promise.resolve(isBeyond ? 'enough' : 'more');
      },
    });
    return [...held.values()].flatMap(({ letters }) => letters);
  }

  private async send(topic: Topic, course: ReplayCourse): Promise<void> {
    await sendingBack(this.kafka, (sendBack) =>
      readDeadLetters({
        kafka: this.kafka,
        topics: [topic],
        from: () => course.first(),
        onLetter: async (letter) => {
          if (course.wants(letter)) course.note(letter, (await sendBack(letter)) !== null);
          return course.isOver() ? 'enough' : 'more';
        },
      }),
    );
  }

  private async note(
    { topic, reason }: DeadLetterReplayBody,
    caller: Caller,
    action: string,
    after: Replayed | ReturnType<ReplayCourse['wanted']>,
  ): Promise<void> {
    await this.database.transaction((tx) =>
      audit(tx, {
        caller,
        action,
        subject: { type: 'topic', id: topic },
        shopId: null,
        before: null,
        after,
        reason: reason ?? null,
        at: this.clock.now(),
      }),
    );
  }

  private async withKafka<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= atOnceMax) throw tooMany('Dead letters are being read already.', 2);
    this.underWay += 1;
    try {
      return await work();
    } catch (error) {
      if (!isKafkaError(error) && !(error instanceof DeadLettersAway)) throw error;
      this.logger.warn({ err: error }, 'the brokers do not hand over dead letters');
      const body = problem('unavailable', 503, 'A part is missing', 'Kafka does not answer.');
      throw new ProblemError(body, { 'Retry-After': '2' });
    } finally {
      this.underWay -= 1;
    }
  }
}

/** Which topics a page is about, and behind which letter it begins. */
interface ListPlace {
  readonly topics: readonly Topic[];
  readonly after: { readonly topic: Topic; readonly offset: bigint } | null;
}

function placeOf({ topic, cursor }: DeadLetterQuery): ListPlace {
  const topics = topic === undefined ? topicNames : [topic];
  const place = placeAfter(cursor, [placePart.id, placePart.number]);
  if (place === null) return { topics, after: null };
  const [name = '', offset = ''] = place;
  const first = topics.findIndex((one) => one === name);
  if (first < 0 || !isTopic(name)) throw otherList();
  return { topics: topics.slice(first), after: { topic: name, offset: BigInt(offset) } };
}

function otherList(): ProblemError {
  return badQuery([
    { pointer: '/cursor', message: 'is of another list', messageZh: '属于另一列表' },
  ]);
}

function refuseAbsent(
  { offsets = [] }: DeadLetterReplayBody,
  { low, end }: { readonly low: bigint; readonly end: bigint },
): void {
  const errors = offsets.flatMap((offset, at) => {
    const isThere = BigInt(offset) >= low && BigInt(offset) < end;
    if (isThere) return [];
    return [
      {
        pointer: `/offsets/${at}`,
        message: `${offset} is the offset of no dead letter`,
        messageZh: `位移 ${offset} 处没有死信`,
      },
    ];
  });
  if (errors.length > 0) throw notValid(errors);
}
