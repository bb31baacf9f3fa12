import { z } from 'zod';
import { list, record, text, whole } from '../fields.js';
import { jsonPointer, phraseOfIssue, shown, valueAt } from '../phrase.js';

/** One thing wrong with a body, in both languages. */
export const problemError = record({
  /** Where in the body (RFC 6901), such as "/plan/commission/levels/0/rate". */
  pointer: text(1000, 0),
  message: text(4000),
  messageZh: text(4000),
});
/** One thing wrong with a body, in both languages. */
export type ProblemError = z.output<typeof problemError>;

/** A problem document (RFC 9457), media type `application/problem+json`. */
export const problemDocument = record({
  type: text(200),
  /** What a program decides by; `type` is `urn:qingfen:problem:<code>`. */
  code: text(100),
  title: text(200),
  status: whole(400, 599),
  detail: text(4000, 0),
  requestId: text(200).optional(),
  errors: list(problemError, 1000),
});
/** A problem document (RFC 9457), media type `application/problem+json`. */
export type Problem = z.output<typeof problemDocument>;

/** The media type of a problem document. */
export const problemMediaType = 'application/problem+json';

/** A problem document; the gateway adds the `requestId` when it answers. */
export function problem(
  code: string,
  status: number,
  title: string,
  detail: string,
  errors: readonly ProblemError[] = [],
): Problem {
  return { type: `urn:qingfen:problem:${code}`, code, title, status, detail, errors: [...errors] };
}

/** A request's body or query as its schema has it, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: ProblemError[] };

/** Judges a body or a query; unknown fields are refused. Never throws. */
export function parseWith<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, errors: parsed.error.issues.flatMap((issue) => errorsOf(issue, input)) };
}

// Each unknown field is pointed to by itself, as the plan's own rules do.
function errorsOf(issue: z.core.$ZodIssue, input: unknown): ProblemError[] {
  if (issue.code !== 'unrecognized_keys') return [errorOf(issue, input)];
  return issue.keys.map((key) => ({
    pointer: jsonPointer([...issue.path, key]),
    message: 'is an unknown field',
    messageZh: '是未知字段',
  }));
}

function errorOf(issue: z.core.$ZodIssue, input: unknown): ProblemError {
  const pointer = jsonPointer(issue.path);
  const value = valueAt(input, issue.path);
  if (value === undefined) return { pointer, message: 'is missing', messageZh: '缺失' };
  const { en, zh } = phraseOfIssue(issue);
  // A secret must not come back in an answer, so only short plain values are repeated.
  const isRepeated = typeof value !== 'object' && !secretFields.has(String(issue.path.at(-1)));
  const subject = isRepeated ? `${shown(value)} ` : '';
  return { pointer, message: `${subject}${en}`, messageZh: `${subject}${zh}` };
}

const secretFields: ReadonlySet<string> = new Set([
  'password',
  'totp',
  'refreshToken',
  'privateKey',
  'alipayPublicKey',
  'app',
  'alipay',
  'root',
  'identity',
]);
