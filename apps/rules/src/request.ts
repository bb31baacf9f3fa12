import { problem } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';

/** 503: the broker has not acknowledged what is committed already. */
export function unacknowledged(): ProblemError {
  const detail =
    'Kafka has not acknowledged it yet. It is stored and will be published; repeat the call to have the answer.';
  const body = problem('unavailable', 503, 'A part is missing', detail);
  return new ProblemError(body, { 'Retry-After': '2' });
}
