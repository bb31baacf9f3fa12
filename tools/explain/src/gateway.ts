import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, GatewayClient, UnexpectedAnswer } from '@qingfen/testing';
import { UsageError } from './usage-error.js';

const pageLimit = 200;
/** More pages than that, and somebody should ask for less. */
const pagesMax = 100_000;
/** What passes: a service that starts anew, somebody who asks too much at once. */
const passing: readonly number[] = [429, 502, 503, 504];
const patienceMs = [500, 2_000, 5_000];

/** What parses an answer; a contract's schema. */
interface Schema<T> {
  parse(body: unknown): T;
}

/** Who asks whom. */
export interface Person {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** The gateway's API, read only, for as long as it takes: tokens are renewed, what passes is waited out. */
export class Gateway {
  private readonly client: GatewayClient;

  private constructor(private readonly person: Person) {
    this.client = new GatewayClient(person.url);
  }

  /** @throws UsageError where nobody answers or the log-in is refused */
  static async open(person: Person): Promise<Gateway> {
    const gateway = new Gateway(person);
    await gateway.logIn();
    return gateway;
  }

  /** A document; undefined for what is not there. @throws UnexpectedAnswer */
  async find<T>(path: string, schema: Schema<T>): Promise<T | undefined> {
    let answer = await this.patiently(path);
    if (answer.status === 401) {
      await this.logIn();
      answer = await this.patiently(path);
    }
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new UnexpectedAnswer(`GET ${path}`, answer, [200]);
    return schema.parse(answer.body);
  }

  /** A file, piece by piece as it comes. @throws UnexpectedAnswer */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.client.download(path);
    if ('pieces' in answer) return answer.pieces;
    throw new UnexpectedAnswer(`GET ${path}`, answer, [200]);
  }

  /** Every page of something that has pages; none of what is not there. @throws UnexpectedAnswer */
  async *pages<T extends { readonly nextCursor: string | null }>(
    path: string,
    schema: Schema<T>,
  ): AsyncGenerator<T> {
    const query = new URLSearchParams({ limit: String(pageLimit) });
    for (let count = 0; count < pagesMax; count += 1) {
      const page = await this.find(`${path}?${query.toString()}`, schema);
      if (page === undefined) return;
      yield page;
      if (page.nextCursor === null) return;
      query.set('cursor', page.nextCursor);
    }
    throw new Error(`${path} has more than ${pagesMax} pages`);
  }

  private async patiently(path: string): Promise<Answer> {
    for (const pause of patienceMs) {
      const answer = await this.client.call('GET', path);
      if (!passing.includes(answer.status)) return answer;
      await wait(pause);
    }
    return this.client.call('GET', path);
  }

  private async logIn(): Promise<void> {
    const { url, user, password } = this.person;
    try {
      await this.client.login(user, password);
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) {
        throw new UsageError(`the gateway at ${url} does not answer`, { cause: error });
      }
      if (error.answer.status !== 401) throw error;
      throw new UsageError(`${user} is refused at ${url}`, { cause: error });
    }
  }
}
