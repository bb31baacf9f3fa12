import type { PartKind, Plan } from './plan.js';
import { versionInForce, type VersionDates } from './versions.js';

/** A task that payees of a kind must have done before they are paid. */
export interface RequiredTask {
  readonly kind: PartKind;
  readonly task: string;
}

/** The tasks that the version in force at an instant asks for (domain.md 2.3). */
export function requiredTasks(
  versions: readonly (VersionDates & { readonly plan: Plan })[],
  at: Date,
): readonly RequiredTask[] {
  const conditions = versionInForce(versions, at)?.plan.conditions ?? [];
  return conditions.flatMap((condition) =>
    condition.when === 'payee-task' ? [{ kind: condition.for, task: condition.task }] : [],
  );
}
