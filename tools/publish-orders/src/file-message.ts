import { type Topic, topicNames, writerOf } from '@qingfen/contracts';

/** Topics that upstream may write, and so may a file. */
export const fileTopics: readonly Topic[] = topicNames.filter((topic) => {
  return writerOf(topic) === 'upstream';
});

/** One message of a file, as it will be sent. */
export interface FileMessage {
  /** The first and the last of the lines that it was made from. */
  readonly line: number;
  readonly lastLine: number;
  readonly topic: Topic;
  readonly key: string | null;
  readonly value: Buffer;
  /** The event's `time`, null where it has none that can be read. */
  readonly time: string | null;
  /** Why the event will be dead-lettered: `<code>: <reason>`; null for a well-formed one. */
  readonly invalid: string | null;
}

/** Lines that no message can be made from. */
export interface BadLine {
  readonly line: number;
  /** The column, null where it is the whole line. */
  readonly field: string | null;
  /** What the line then does not become, such as `order o-1`; null where that cannot be told. */
  readonly subject: string | null;
  /** The end of a sentence that begins with the line or the field. */
  readonly unreadable: string;
  /**
   * True where lines around this one may mean something else than they seem to: then it is not
   * safe to send them and leave this one out.
   */
  readonly isFatal: boolean;
}

/** A bad line as a sentence: `line 7 (order o-1), amount: "12,00" is not a decimal amount …`. */
export function sentenceOf({ line, field, subject, unreadable }: BadLine): string {
  const place = subject === null ? `line ${line}` : `line ${line} (${subject})`;
  return field === null ? `${place} ${unreadable}` : `${place}, ${field}: ${unreadable}`;
}

/** How a file is to be understood. */
export interface FileReading {
  /** A CSV of payees; without it a CSV holds orders or refunds, as its header says. */
  readonly payees?: boolean | undefined;
  /** The shop of a CSV without the column `shopId`. */
  readonly shop?: string | undefined;
  /** From when on payees without a `time` of their own hold: an instant with an offset. */
  readonly time?: string | undefined;
  /** Columns of a CSV that are passed over. */
  readonly ignoredColumns?: readonly string[] | undefined;
}
