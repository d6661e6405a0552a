/** A write of fields that stands back, where somebody else changed the same of them since they were read. */
import type { JsonObject } from './json';
import { conflictsOf, type Difference, merge } from './merge';

export class OvertakenFieldsError extends Error {
  constructor(readonly differences: readonly Difference[]) {
    super('Somebody else changed the same meanwhile.');
  }
}

/**
 * What is to be written of fields: mine, with what they changed of others. Throws OvertakenFieldsError where both
 * changed one, unless mine `goesOver` theirs.
 */
export function reconciled(before: JsonObject, mine: JsonObject, now: JsonObject, goesOver: boolean): JsonObject {
  const found = merge(before, mine, now);
  const conflicts = conflictsOf(found);
  if (conflicts.length > 0 && !goesOver) throw new OvertakenFieldsError(conflicts);
  return (found.value ?? {}) as JsonObject;
}
