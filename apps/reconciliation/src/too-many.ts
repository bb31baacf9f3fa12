/**
 * More differs than anybody could look at one by one: a wrong file, the wrong merchant. Nothing is
 * recorded of such a comparison.
 */
export class TooMany extends Error {
  override readonly name = 'TooMany';

  constructor(what: string, limit: number) {
    super(`more than ${limit} ${what} differ: the bill may be of another account`);
  }
}
