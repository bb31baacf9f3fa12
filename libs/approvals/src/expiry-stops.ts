import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { StatusBoard } from '@qingfen/hosting';
import { nextExpiry } from './approval.store.js';

/** Says when the next approval expires, so that a moving clock stops there. */
@Injectable()
export class ExpiryStops implements OnApplicationBootstrap {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StatusBoard) private readonly board: StatusBoard,
  ) {}

  onApplicationBootstrap(): void {
    this.board.contribute(async () => ({
      nextDueAt: await nextExpiry(this.database, this.clock.now()),
    }));
  }
}
