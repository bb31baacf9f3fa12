/** The database could not be reached, or the connection broke before COMMIT was sent. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/**
 * COMMIT was sent and its answer never came: the transaction is either there whole or not at all.
 * Only reading what it would have left behind tells which.
 */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** Texts of errors that pg and the socket raise without a code when a connection goes away. */
const lostConnection = new RegExp(
  [
    'Connection terminated',
    'Client has encountered a connection error',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client was closed',
    'Cannot use a pool after',
    'not queryable',
    'socket hang up',
  ].join('|'),
  'i',
);

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Classes of SQLSTATE that say: the connection or the session is gone. */
const connectionStates = /^(08|57P0)/;

/**
 * States that speak of the installation rather than of the rows: nothing about a message is wrong
 * when they come, and waiting (or an operator) mends them.
 * 08 connection, 25006 a standby, 25P03 idle in transaction, 28 log-in, 3D and 3F no such
 * database or schema, 40 rollbacks, 42501 rights, 42P01 and 42703 not migrated, 53 resources,
 * 55P03 and 55006 locks, 57 intervention, 58 system, F0 configuration, XX internal.
 * Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const infrastructureStates =
  /^(08|25006|25P03|25P04|28|3D|3F|40|42501|42P01|42703|53|55P03|55006|57|58|F0|XX)/;

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !socketCodes.has(code);
}

/**
 * A table has changed since the connection planned a statement: it fails there for ever, and works on
 * a new one. Source: RevalidateCachedQuery in PostgreSQL's plancache.c.
 */
function isPlanOutdated(error: unknown): boolean {
  return (
    codeOf(error) === '0A000' && error instanceof Error && error.message.startsWith('cached plan')
  );
}

/** Whether the connection that raised this cannot be used again. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable || error instanceof CommitUnknown) return true;
  if (isPlanOutdated(error)) return true;
  const code = codeOf(error);
  if (socketCodes.has(code)) return true;
  if (isSqlState(code)) return connectionStates.test(code);
  return error instanceof Error && lostConnection.test(error.message);
}

/** Whether the whole transaction may be tried again at once: a deadlock or a lost race. */
export function isTransient(error: unknown): boolean {
  return ['40P01', '40001'].includes(codeOf(error));
}

/**
 * Whether an error is trouble with the database rather than with the data or the code: whoever
 * gets it waits and tries again, and never blames a message for it.
 */
export function isInfrastructureError(error: unknown): boolean {
  if (isConnectionLost(error)) return true;
  const code = codeOf(error);
  return isSqlState(code) && infrastructureStates.test(code);
}
