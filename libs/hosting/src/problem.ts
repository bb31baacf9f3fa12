import type { Problem } from '@qingfen/contracts';

/** An expected refusal of a request, carried to the client as an RFC 9457 problem document. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'ProblemError';
  }
}
