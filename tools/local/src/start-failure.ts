/**
 * Why the local system can't start or go on, in words for the person who started it: `reason` says
 * what is the case, `fix` what to install, set or do.
 */
export class StartFailure extends Error {
  readonly part: string;
  readonly reason: string;
  readonly fix: string;

  constructor(told: { readonly part: string; readonly reason: string; readonly fix: string }) {
    super(`${told.part}: ${told.reason}`);
    this.name = 'StartFailure';
    this.part = told.part;
    this.reason = told.reason;
    this.fix = told.fix;
  }
}
