/** Names and types of errors that say: these partitions are being handed to others. */
const membershipTypes = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

function textField(error: unknown, name: 'name' | 'type'): string {
  if (typeof error !== 'object' || error === null || !(name in error)) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}

/** Whether the client raised it; such an error never says anything about a message. */
export function isKafkaError(error: unknown): boolean {
  return textField(error, 'name').startsWith('KafkaJS');
}

/** Whether the group has moved on and this member must join again. */
export function isMembershipError(error: unknown): boolean {
  return membershipTypes.has(textField(error, 'type'));
}

/** Whether the client itself holds that trying again may help; asked along the causes. */
export function isRetriableKafkaError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (textField(error, 'name') === 'KafkaJSNumberOfRetriesExceeded') return true;
  if ('cause' in error && error.cause !== undefined && error.cause !== error) {
    return isRetriableKafkaError(error.cause);
  }
  if ('retriable' in error) return error.retriable === true;
  return !isKafkaError(error);
}

/** One line for a log. */
export function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
