import type { DeepPartial, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/**
 * How rows go in: `save`, as TypeORM's own guide has it, looks for rows whose key is given before it
 * inserts them; `insert` does not, and fails on what is there.
 */
export type NaiveStyle = 'save' | 'insert';

/** Keeps rows of one kind with as few statements as the style allows. @returns generated ids. */
export type KeepRows = <T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  rows: readonly DeepPartial<T>[],
) => Promise<string[]>;

export function rowKeeper(style: NaiveStyle): KeepRows {
  return style === 'save' ? saveRows : insertRows;
}

async function saveRows<T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  rows: readonly DeepPartial<T>[],
): Promise<string[]> {
  const repository = manager.getRepository(entity);
  const saved = await repository.save(rows.map((row) => repository.create(row)));
  return saved.map((row) => String(row['id']));
}

async function insertRows<T extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  rows: readonly DeepPartial<T>[],
): Promise<string[]> {
  const repository = manager.getRepository(entity);
  const { identifiers } = await repository.insert(rows.map((row) => repository.create(row)));
  return identifiers.map((row) => String(row['id']));
}
