import { problem } from '@qingfen/contracts';
import { ProblemError, type ServiceAnswer } from '@qingfen/hosting';

/** What a call is answered. */
export interface Outcome {
  readonly status: number;
  readonly body: unknown;
  /** Seconds, beside 409, 429 and 503. */
  readonly retryAfter?: string | null;
}

/** What a service answered, as the caller may see it. @throws ProblemError 502 for nonsense */
export function outcomeOf(answer: ServiceAnswer<unknown>): Outcome {
  const { status, body, headers } = answer;
  // Our own token was refused: an installation's fault, which the caller cannot mend by logging in.
  if (status === 401 || status < 200 || (status >= 300 && status < 400)) {
    const detail = 'A part answered in a way that it should not.';
    throw new ProblemError(problem('bad-answer', 502, 'A part misbehaves', detail));
  }
  return { status, body, retryAfter: headers.get('retry-after') };
}
