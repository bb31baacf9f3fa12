import type { Problem } from '@qingfen/contracts';
import { ProblemError, type ServiceAnswer } from '@qingfen/hosting';
import { outcomeOf } from './outcome.js';

/** What a part answered, or its refusal thrown as ours. @throws ProblemError */
export function bodyOrRefusal<T>(answer: ServiceAnswer<T>): T {
  const { status, body, retryAfter } = outcomeOf(answer);
  if (status < 400) return answer.body;
  const headers: Record<string, string> = {};
  if (typeof retryAfter === 'string') headers['Retry-After'] = retryAfter;
  if (isProblem(body)) throw new ProblemError(body, headers);
  throw new Error(`a part answered ${status} without a problem document`);
}

/** Whether what a part answered is a problem document. */
export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body;
}
