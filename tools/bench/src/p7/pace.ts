import type { SandboxClient, SandboxRequest } from '@qingfen/testing';

/** The call that moves money. */
export const transferMethod = 'alipay.fund.trans.uni.transfer';

/** Real milliseconds that Alipay takes, every tenth of calls another one: 50 to 300, 175 in the mean. */
const latenciesMs = [50, 80, 110, 140, 160, 180, 210, 240, 280, 300];

/** Makes the sandbox as slow as Alipay is over the network: the same numbers are slow in the same way. */
export async function slowDown(sandbox: SandboxClient, appId: string, seed: number): Promise<void> {
  for (const [index, delayMs] of latenciesMs.entries()) {
    // Those before it have taken their tenths: of what is left this one takes its share.
    const rate = 1 / (latenciesMs.length - index);
    const fault = { fault: 'slow', delayMs, rate, seed: `${seed}-${index}`, times: null };
    await sandbox.addFault({ ...fault, match: { appId } });
  }
}

/** What the sandbox's own log says of the calls of one contender. */
export interface Pace {
  readonly calls: number;
  /** Those that moved money, from the first call to the last. */
  readonly perSecond: number;
  /** The most calls within any second. */
  readonly most: number;
  /** Calls that were refused for coming too fast, or that moved nothing for another reason. */
  readonly refused: number;
}

/** Reads the pace of calls with these numbers, or of all; real time, as the sandbox has logged it. */
export function paceOf(
  requests: readonly SandboxRequest[],
  isOurs: (outBizNo: string) => boolean,
): Pace {
  const ours = requests.filter(({ outBizNo }) => outBizNo !== null && isOurs(outBizNo));
  const atMs = ours.map(({ realAt }) => Date.parse(realAt)).sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [index, at] of atMs.entries()) {
    while (at - (atMs[from] ?? at) >= 1_000) from += 1;
    most = Math.max(most, index - from + 1);
  }
  const seconds = ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / 1_000;
  const refused = ours.filter(({ executed }) => !executed).length;
  return {
    calls: ours.length,
    perSecond: (ours.length - refused - 1) / seconds,
    most,
    refused,
  };
}
