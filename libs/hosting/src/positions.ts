import type { Database } from '@qingfen/database';
import type { ServiceDefinition } from './definition.js';

export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The next offset that this group will take, as text. */
  readonly offset: string;
}

/** How far each group of a service has come, from the offsets that commit with its facts. */
export class Positions {
  constructor(
    private readonly database: Database,
    private readonly definition: ServiceDefinition,
    /** Partition counts as the brokers tell them; topics exist before services start. */
    private readonly partitionsOf: ReadonlyMap<string, number>,
  ) {}

  async read(): Promise<Position[]> {
    const stored = await this.database.query<{
      group_id: string;
      topic: string;
      partition: number;
      next_offset: bigint;
    }>('SELECT group_id, topic, partition, next_offset FROM consumer_offset');
    const known = new Map(
      stored.map((row) => [`${row.group_id} ${row.topic} ${row.partition}`, row.next_offset]),
    );
    return this.definition.groups.flatMap(({ name, topics }) =>
      topics.flatMap((topic) =>
        Array.from({ length: this.partitionsOf.get(topic) ?? 0 }, (_, partition) => ({
          group: name,
          topic,
          partition,
          offset: String(known.get(`${name} ${topic} ${partition}`) ?? 0n),
        })),
      ),
    );
  }
}
