import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { StatusBoard, type Contribution } from '@qingfen/hosting';
import { readOpenCounts } from './ask.store.js';
import { PayoutWorker } from './payout.worker.js';

/** Tells the status how many payouts are where, and what of them is still under way. */
@Injectable()
export class PayoutStatus implements OnModuleInit {
  constructor(
    private readonly board: StatusBoard,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly worker: PayoutWorker,
  ) {}

  onModuleInit(): void {
    this.board.contribute(() => this.read());
  }

  private async read(): Promise<Partial<Contribution>> {
    const open = await readOpenCounts(this.database, this.clock.begunUntil());
    const of = (state: string): number =>
      open.counts.filter((row) => row.state === state).reduce((sum, { count }) => sum + count, 0);
    const waiting = open.counts.flatMap(({ state, reason, count }) =>
      state === 'waiting' && reason !== null ? [[reason, count] as const] : [],
    );
    const asks = open.settledDue;
    return {
      payouts: {
        requested: of('requested'),
        // Whatever is requested is sent, or goes elsewhere, without anything else happening first.
        requestedSendable: of('requested'),
        waiting: Object.fromEntries(waiting),
        review: of('review'),
        blocked: of('blocked'),
        sending: of('sending'),
        unknown: of('unknown'),
        unknownDue: open.unknownDue,
      },
      nextDueAt: open.nextAskAt,
      holdingUp: [
        ...this.worker.holdingUp(),
        ...(asks === 0 ? [] : [`Alipay is asked about ${asks} payout(s) that it told of`]),
      ],
    };
  }
}
