import { send, UnexpectedAnswer } from '@qingfen/testing';
import { z } from 'zod';

const transferShape = z.array(
  z.object({
    appId: z.string(),
    outBizNo: z.string(),
    identity: z.string(),
    amount: z.string(),
    status: z.string(),
    at: z.string(),
  }),
);

/** One number that the sandbox accepted. */
export type Transfer = z.output<typeof transferShape>[number];

/** What the sandbox has accepted since an instant of business time. */
export async function transfersSince(
  sandboxUrl: string,
  since: string,
): Promise<readonly Transfer[]> {
  const url = `${sandboxUrl}/_sandbox/transfers?since=${encodeURIComponent(since)}`;
  const answer = await send({ method: 'GET', url });
  if (answer.status !== 200) throw new UnexpectedAnswer(`GET ${url}`, answer, [200]);
  return transferShape.parse(answer.body);
}
