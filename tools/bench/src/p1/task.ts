/** What a consumer of P1 is told: as JSON in its only argument. */
export interface ConsumingTask {
  readonly how: 'strategy' | 'judging' | 'raw' | 'stock';
  readonly broker: string;
  readonly topic: string;
  readonly group: string;
  /** Of an empty database; only the product uses it. */
  readonly databaseUrl: string;
  /** Messages before the clock starts. */
  readonly warmUp: number;
  /** Messages on the topic. */
  readonly count: number;
}

/** What it answers, as one JSON line. */
export interface ConsumingAnswer {
  readonly perSecond: number;
}
