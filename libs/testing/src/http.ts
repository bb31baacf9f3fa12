import type { ReadableStream } from 'node:stream/web';

/** What an HTTP call came back with. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

/** One HTTP call. `raw` is sent as it is, a stream as it comes; `json` as JSON. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly json?: unknown;
  readonly raw?: string | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const timeoutMsUsual = 30_000;

/** Makes one HTTP call; every status is an answer. Throws only when there is none. */
export async function send(call: HttpCall): Promise<Answer> {
  const { method, url, json, raw, headers = {}, timeoutMs = timeoutMsUsual } = call;
  const content = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content, duplex: 'half' }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers.entries()),
    body: parsed(text),
  };
}

/** A file that is read as it comes. */
export interface Download {
  readonly status: 200;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Asks for a file, however long it takes; any other answer than 200 as it came. */
export async function download(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Download | Answer> {
  const response = await fetch(url, { headers });
  const { status, body } = response;
  if (status === 200 && body !== null) return { status, pieces: body };
  const answered = Object.fromEntries(response.headers.entries());
  return { status, headers: answered, body: parsed(await response.text()) };
}

/** Whether nobody took the connection, so that nothing of a call was done. */
export function wasRefused(error: unknown): boolean {
  // Not instanceof: Node's own errors belong to another realm inside a test runner.
  const { cause } = Object(error);
  return Object(cause).code === 'ECONNREFUSED';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An answer with another status than the one that was counted on. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    readonly call: string,
    readonly answer: Answer,
    expected: readonly number[],
  ) {
    const said = JSON.stringify(answer.body)?.slice(0, 2_000);
    super(`${call} answered ${answer.status} instead of ${expected.join(' or ')}: ${said}`);
  }
}
