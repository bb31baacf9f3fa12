import type { Database } from '@qingfen/database';
import type { ServiceDefinition } from './definition.js';

export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The next offset that this group will take, as text. */
  readonly offset: string;
}

/** What a service's rows say of messages, all at one instant. */
export interface Standing {
  readonly positions: readonly Position[];
  /** Messages committed and not yet acknowledged, counted up to 100,000. */
  readonly outboxPending: number;
}

interface StandingRow {
  readonly pending: bigint;
  /** Null where no offset is stored yet. */
  readonly group_id: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: bigint;
}

const standingSql = `
  SELECT o.pending, c.group_id, c.topic, c.partition, c.next_offset
    FROM (SELECT count(*) AS pending FROM (SELECT 1 FROM outbox LIMIT 100000) AS first) AS o
    LEFT JOIN consumer_offset c ON true`;

/**
 * How far each group of a service has come, from the offsets that commit with its facts, and what it has
 * still to say.
 */
export class Positions {
  constructor(
    private readonly database: Database,
    private readonly definition: ServiceDefinition,
    /** Partition counts as the brokers tell them; topics exist before services start. */
    private readonly partitionsOf: ReadonlyMap<string, number>,
  ) {}

  async read(): Promise<Standing> {
    const rows = await this.database.prepared<StandingRow>('standing', standingSql);
    const known = new Map(
      rows.map((row) => [`${row.group_id} ${row.topic} ${row.partition}`, row.next_offset]),
    );
    const positions = this.definition.groups.flatMap(({ name, topics }) =>
      topics.flatMap((topic) =>
        Array.from({ length: this.partitionsOf.get(topic) ?? 0 }, (_, partition) => ({
          group: name,
          topic,
          partition,
          offset: String(known.get(`${name} ${topic} ${partition}`) ?? 0n),
        })),
      ),
    );
    return { positions, outboxPending: Number(rows[0]?.pending ?? 0n) };
  }
}
