import { Big } from 'big.js';
import {
  Column,
  DataSource,
  Entity,
  Index,
  LessThan,
  PrimaryGeneratedColumn,
  IsNull,
} from 'typeorm';
import type { Servers } from '../servers.js';

const database = 'bench_naive_run';

@Entity('run_statement')
class RunStatement {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('text') payeeId: string;
  @Column('numeric', { precision: 18, scale: 2 }) net: string;
}

@Entity('run_entry')
@Index(['payeeId', 'maturesAt'])
class RunEntry {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('text') payeeId: string;
  @Column('text') orderId: string;
  @Column('numeric', { precision: 18, scale: 2 }) amount: string;
  @Column('timestamptz') maturesAt: Date;
  @Column('bigint', { nullable: true }) statementId: string | null;
}

/**
 * A run as it is written first: payee by payee, one transaction each, entries through a repository,
 * summed with big.js, and each of them saved with the statement that it is on.
 */
export async function runNaively(
  servers: Servers,
  { entries, payees, cutoff }: { entries: number; payees: number; cutoff: Date },
): Promise<number> {
  await servers.newDatabase(database);
  const source = new DataSource({
    type: 'postgres',
    url: servers.urlOf(database),
    entities: [RunStatement, RunEntry],
    synchronize: true,
    logging: false,
  });
  await source.initialize();
  try {
    await source.query(
      `INSERT INTO run_entry ("payeeId", "orderId", amount, "maturesAt")
       SELECT 'd-' || floor($2 * power(random(), 4)), 'order-' || g, 1 + g % 97,
              $3::timestamptz - interval '1 day'
         FROM generate_series(1, $1::int) g`,
      [entries, payees, cutoff],
    );
    const startedAt = performance.now();
    const rows: { payeeId: string }[] = await source.query(
      `SELECT DISTINCT "payeeId" FROM run_entry WHERE "maturesAt" < $1 ORDER BY 1`,
      [cutoff],
    );
    for (const { payeeId } of rows) await statePayee(source, payeeId, cutoff);
    const seconds = (performance.now() - startedAt) / 1_000;
    await insistOnSums(source);
    return entries / seconds;
  } finally {
    await source.destroy();
    await servers.dropDatabase(database);
  }
}

async function statePayee(source: DataSource, payeeId: string, cutoff: Date): Promise<void> {
  await source.transaction(async (manager) => {
    const open = await manager.find(RunEntry, {
      where: { payeeId, maturesAt: LessThan(cutoff), statementId: IsNull() },
    });
    const net = open.reduce((sum, { amount }) => sum.plus(amount), new Big(0));
    const statement = await manager.save(RunStatement, { payeeId, net: net.toFixed(2) });
    for (const entry of open) {
      entry.statementId = statement.id;
      await manager.save(entry);
    }
  });
}

async function insistOnSums(source: DataSource): Promise<void> {
  const wrong: unknown[] = await source.query(
    `SELECT s."payeeId" FROM run_statement s
       LEFT JOIN run_entry e ON e."statementId" = s.id
      GROUP BY s.id HAVING sum(e.amount) IS DISTINCT FROM s.net
     UNION ALL SELECT "payeeId" FROM run_entry WHERE "statementId" IS NULL`,
  );
  if (wrong.length > 0) throw new Error('the naive run stated something else than is owed');
}
