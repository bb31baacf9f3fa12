import { serviceNames, signedActsSchema, type SignedActs } from '@qingfen/contracts';
import type { Gateway } from './gateway.js';

/** What people did, from an instant on and before another. */
export interface WantedActs {
  readonly shopId: string;
  readonly from: string;
  readonly to: string;
}

/** The acts of every service that there is, page by page as each signed them: lines of an archive. */
export async function* actLines(
  gateway: Pick<Gateway, 'find'>,
  { shopId, from, to }: WantedActs,
): AsyncGenerator<string> {
  for (const service of serviceNames) {
    for (let cursor: string | null = '0'; cursor !== null;) {
      const query: string = new URLSearchParams({ from, to, cursor }).toString();
      const path: string = `/shops/${shopId}/acts/${service}?${query}`;
      const page: SignedActs | undefined = await gateway.find(path, signedActsSchema);
      if (page === undefined) break; // an installation without this service
      const { nextCursor, ...acts } = page;
      yield JSON.stringify({ acts });
      cursor = nextCursor;
    }
  }
}
