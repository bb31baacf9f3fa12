export { advisoryLock, advisoryLocks } from './advisory-lock.js';
export { bootstrap, BootstrapRefused, bootstrapSql, type SchemaOwner } from './bootstrap.js';
export { CopyInTurns } from './copy-in-turns.js';
export { copyEscaped, CopyInto, type LinesToCopy } from './copy-into.js';
export {
  copyRows,
  insertNew,
  insertRows,
  type RowsToCopy,
  type RowsToInsert,
} from './bulk-insert.js';
export { createDatabase, Database, type DatabaseLog, type DatabaseOptions } from './database.js';
export {
  CommitUnknown,
  DatabaseUnavailable,
  isConnectionLost,
  isInfrastructureError,
  isTransient,
} from './errors.js';
export type { MigrationClass, Tx } from './types.js';
// For specs that want a real database of their own; nothing in a running service uses these.
export { CommitCutter } from './fixtures/commit-cutter.js';
export {
  dropScratchDatabases,
  scratchDatabase,
  type ScratchDatabase,
} from './fixtures/scratch-database.js';
