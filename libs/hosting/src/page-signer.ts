import {
  auditPageQuery,
  type AuditList,
  type SignedPage,
  type SignedText,
} from '@qingfen/contracts';
import { TextSigner } from '@qingfen/security';
import type { ServiceEnv } from './config.js';
import { queryOf } from './request.js';

const recordsPerPage = 500;

/** A record of a list: the place by which the list goes on behind it, and its fields. */
export type ListRecord = readonly [place: string, ...fields: unknown[]];

/** Some records of a list of a shop and a span. */
export interface ListPage {
  readonly list: string;
  readonly shopId: string;
  readonly from: Date;
  readonly to: Date;
  /** Where the page begins: behind this place, `0` for the first. */
  readonly after: string;
  /** As they were read: one more than `limit` where there are more. */
  readonly records: readonly ListRecord[];
  readonly limit: number;
}

/** Which records to read: of a span, behind a place, and one more than a page holds. */
export interface ListSpan {
  readonly shopId: string;
  readonly from: Date;
  readonly to: Date;
  readonly after: string;
  readonly limit: number;
}

/**
 * Signs lists that leave the house, page by page, with the key of the service that owns them. A page names
 * the one before it and says whether it is the last, so that none can be left out (docs/proofs.md).
 */
export class PageSigner {
  private readonly service: string;
  private readonly signer: TextSigner;

  constructor(env: Pick<ServiceEnv, 'service' | 'secrets'>) {
    this.service = env.service;
    this.signer = new TextSigner(env.secrets.services[env.service].signingKey);
  }

  /** Any other text that this service vouches for. */
  signText(text: string): SignedText {
    const { keyId, publicKeyPem: publicKey } = this.signer;
    return { text, signature: this.signer.sign(text).toString('base64'), keyId, publicKey };
  }

  /** The page of a list that a query asks for, as `read` finds its records. */
  async answer(
    { list, shopId, query }: { readonly list: AuditList; shopId: string; query: unknown },
    read: (span: ListSpan) => Promise<readonly ListRecord[]>,
  ): Promise<SignedPage> {
    const { from: begin, to: end, cursor: after } = queryOf(auditPageQuery, query);
    const at = { shopId, from: new Date(begin), to: new Date(end), after };
    const records = await read({ ...at, limit: recordsPerPage + 1 });
    return {
      format: 'qingfen-page/1',
      ...this.sign({ ...at, list, records, limit: recordsPerPage }),
    };
  }

  sign(page: ListPage): SignedText & { nextCursor: string | null } {
    const { list, shopId, from, to, after, limit } = page;
    const records = page.records.slice(0, limit);
    const isLast = page.records.length <= limit;
    const head = [list, this.service, shopId, from.getTime(), to.getTime(), after, isLast];
    const signed = this.signText(JSON.stringify([...head, records]));
    return { ...signed, nextCursor: isLast ? null : (records.at(-1)?.[0] ?? null) };
  }
}
