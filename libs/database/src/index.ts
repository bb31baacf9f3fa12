export { advisoryLock } from './advisory-lock.js';
export { bootstrap, BootstrapRefused, bootstrapSql, type SchemaOwner } from './bootstrap.js';
export { copyRows, insertRows, type RowsToCopy, type RowsToInsert } from './bulk-insert.js';
export { createDatabase, Database, type DatabaseLog, type DatabaseOptions } from './database.js';
export {
  CommitUnknown,
  DatabaseUnavailable,
  isConnectionLost,
  isInfrastructureError,
  isTransient,
} from './errors.js';
export type { MigrationClass, Tx } from './types.js';
